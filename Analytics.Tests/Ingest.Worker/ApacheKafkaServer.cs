using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Apache Kafka 4.3.0 as a process, where Java and the folder shared/kafka beside the repository are at hand.</summary>
internal sealed class ApacheKafkaServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("apache-kafka-").FullName;
    private readonly Process _process;

    private ApacheKafkaServer(string script)
    {
        // Its controller listens on the port after its own.
        int port;
        do
        {
            port = Ports.Free();
        }
        while (!Ports.IsFree(port + 1));

        Address = $"127.0.0.1:{port}";
        _process = Process.Start(
            new ProcessStartInfo(script, ["serve", "4.3.0", _folder, $"{port}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Address { get; }

    /// <summary>Starts it and waits until it answers; skips the test where there is none.</summary>
    public static async Task<ApacheKafkaServer> StartAsync()
    {
        var script = Script(AppContext.BaseDirectory);
        Assert.SkipWhen(script is null || !File.Exists("/usr/bin/java"), "Apache Kafka is not at hand (../shared/kafka and Java 17).");
        while (true)
        {
            var server = new ApacheKafkaServer(script!);
            if (await server.AnswersAsync(Deadline.Token))
            {
                return server;
            }

            // Somebody took one of the ports before it did.
            await server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits for the first answer, or for the end of the process.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Address }).SetLogHandler((_, _) => { }).Build();
        while (!_process.HasExited)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = TimeSpan.FromSeconds(5) });
                return true;
            }
            catch (KafkaException)
            {
                // Not yet.
            }
        }

        return false;
    }

    /// <summary>The folder of Apache Kafka 4.3.0, unpacked; null where there is none.</summary>
    public static string? Home()
    {
        if (Script(AppContext.BaseDirectory) is not { } script)
        {
            return null;
        }

        using var home = Process.Start(new ProcessStartInfo(script, ["home", "4.3.0"]) { RedirectStandardOutput = true })!;
        return home.StandardOutput.ReadToEnd().Trim();
    }

    private static string? Script(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var script = Path.Combine(folder, "shared", "kafka", "kafka");
            if (File.Exists(script))
            {
                return script;
            }
        }

        return null;
    }
}
