using System.Diagnostics;
using System.Text.Json;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.EndToEnd.Containers;

/// <summary>Podman or Docker, with the images that the AppHost asks for made of this machine's own programs where they are missing.</summary>
internal sealed class ContainerRuntime : IDisposable
{
    // As root in a container of our own, podman's default runtime may lack the control groups and the limits that it wants.
    private const string Configuration = """
        [containers]
        default_ulimits = ["nofile=1000:1000", "nproc=1000:1000"]
        [engine]
        runtime = "runc"
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _command;

    private ContainerRuntime(string command)
    {
        _command = command;
        Environment = [("ASPIRE_CONTAINER_RUNTIME", command)];
        if (command == "podman" && System.Environment.IsPrivilegedProcess && System.Environment.GetEnvironmentVariable("CONTAINERS_CONF") is null)
        {
            File.WriteAllText(_folder.In("containers.conf"), Configuration);
            Environment = [.. Environment, ("CONTAINERS_CONF", _folder.In("containers.conf"))];
        }
    }

    /// <summary>What the AppHost needs in its environment.</summary>
    public (string Name, string Value)[] Environment { get; }

    /// <summary>The runtime that answers; skips the test where none does.</summary>
    public static async Task<ContainerRuntime> FindAsync()
    {
        foreach (var command in (string[])["podman", "docker"])
        {
            var runtime = new ContainerRuntime(command);
            if (await runtime.RunAsync(command, "version", "--format", "{{.Server.Version}}") is not null)
            {
                return runtime;
            }

            runtime.Dispose();
        }

        Assert.Skip("Neither podman nor docker answers.");
        throw new InvalidOperationException();
    }

    /// <summary>Makes each image that is missing of this machine's PostgreSQL, Java and Apache Kafka; skips the test where these are missing too.</summary>
    /// <param name="manifest">The AppHost's manifest, which names the images.</param>
    public async Task ProvideImagesAsync(string manifest)
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken));
        string Image(string resource) => document.RootElement.GetProperty("resources").GetProperty(resource).GetProperty("image").GetString()!;
        await ProvideAsync(Image("postgres"), "postgres", PostgresPaths());
        await ProvideAsync(Image("kafka"), "kafka", KafkaPaths());
    }

    /// <summary>Removes a volume that a test's application made.</summary>
    public Task RemoveVolumeAsync(string name) => RunAsync(_command, "volume", "rm", "--force", name);

    public void Dispose() => _folder.Dispose();

    private static string[] PostgresPaths()
    {
        var binaries = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").Max() : null;
        Assert.SkipWhen(binaries is null, "There is no image of PostgreSQL, and no PostgreSQL in /usr/lib/postgresql to make one of.");
        return [$"{binaries}/bin", $"{binaries}/lib", $"/usr/share/postgresql/{Path.GetFileName(binaries)}", "/usr/share/zoneinfo", "/usr/lib/locale/C.utf8"];
    }

    private static string[] KafkaPaths()
    {
        var java = File.ResolveLinkTarget("/usr/bin/java", returnFinalTarget: true) is { } program ? Path.GetFullPath("../..", program.FullName) : null;
        var kafka = Ingest.Worker.ApacheKafkaServer.Home();
        Assert.SkipWhen(java is null || kafka is null, "There is no image of Kafka, and no Java and Apache Kafka (../shared/kafka) to make one of.");
        return [$"{java}/bin/java=/opt/java/bin/java", $"{java}/lib=/opt/java/lib", $"{java}/conf=/opt/java/conf", $"{kafka}/libs=/opt/kafka/libs"];
    }

    private async Task ProvideAsync(string image, string entrypoint, string[] paths)
    {
        if (await RunAsync(_command, "image", "inspect", image) is not null)
        {
            return;
        }

        var folder = Path.Combine(Repository.Root, "Analytics.Tests", "EndToEnd", "Containers");
        Assert.NotNull(await RunAsync(Path.Combine(folder, "local-image"), [_command, image, Path.Combine(folder, entrypoint), .. paths]));
    }

    /// <returns>What the command printed; null if it failed or is not there.</returns>
    private async Task<string?> RunAsync(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(await error);
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
