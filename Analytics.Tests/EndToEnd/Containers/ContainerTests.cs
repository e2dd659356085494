using System.Diagnostics;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.EndToEnd.Containers;

/// <summary>The whole application with Kafka and PostgreSQL in containers, as Aspire's own AddKafka and AddPostgres run them.</summary>
[Collection(WholeApplication.Name)]
public sealed class ContainerTests
{
    [Fact]
    public async Task In_containers_the_answers_are_the_same_and_the_next_start_has_the_data()
    {
        using var runtime = await ContainerRuntime.FindAsync();
        using var folder = new TemporaryFolder();
        await WriteManifestAsync(folder.In("manifest.json"));
        await runtime.ProvideImagesAsync(folder.In("manifest.json"));
        var state = folder.In("state");
        try
        {
            for (var start = 0; start < 2; start++)
            {
                await using var application = await ApplicationProcess.StartAsync(
                    state, ApplicationTests.DataSetFile, ["--infrastructure", "containers"], runtime.Environment);
                await ApplicationTests.FiguresAsync(application, messages: 3_280, ofLearningGit: 394);
                Assert.Empty(application.Children("Kafka.Broker.dll"));
                await application.InterruptAsync();
            }
        }
        finally
        {
            var name = await File.ReadAllTextAsync(Path.Combine(state, "volumes"), CancellationToken.None);
            await runtime.RemoveVolumeAsync($"activity-{name}-kafka");
            await runtime.RemoveVolumeAsync($"activity-{name}-postgres");
        }
    }

    private static async Task WriteManifestAsync(string path)
    {
        using var write = Process.Start(
            new ProcessStartInfo("dotnet", [ApplicationProcess.AppHost, "--operation", "publish", "--publisher", "manifest", "--output-path", path])
            {
                RedirectStandardOutput = true,
            })!;
        await write.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await write.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, write.ExitCode);
    }
}
