using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.EndToEnd;

/// <summary>However the application ends, nothing of it is left behind, and the next start goes on.</summary>
[Collection(WholeApplication.Name)]
public sealed class EndingTests
{
    [Fact]
    public async Task After_kill_9_of_the_AppHost_or_its_orchestrator_everything_ends_and_the_next_start_has_the_data()
    {
        using var state = new TemporaryFolder();
        await using (var application = await ApplicationProcess.StartAsync(state.Path, ApplicationTests.DataSetFile))
        {
            Assert.NotEmpty(ApplicationProcess.Running(state.Path));
            ApplicationProcess.Signal(application.Id, "KILL");
            await application.EndedAsync(TimeSpan.FromSeconds(10));
            await ApplicationProcess.GoneAsync(state.Path, TimeSpan.FromSeconds(60));
        }

        await using var again = await ApplicationProcess.StartAsync(state.Path, "none", ["--workers", "2", "--apis", "2"]);
        await again.AskUntilAsync("/api/summary", summary => summary.GetProperty("messages").GetInt64() == 3_280, TimeSpan.FromSeconds(30));
        await TwoShareTheWorkAndTheAddressAsync(again);

        ApplicationProcess.Signal(again.Orchestrator, "KILL");
        Assert.Equal(1, await again.EndedAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("orchestrator (dcp) has died", again.Output, StringComparison.Ordinal);
        await ApplicationProcess.GoneAsync(state.Path, TimeSpan.FromSeconds(60));
    }

    private static async Task TwoShareTheWorkAndTheAddressAsync(ApplicationProcess application)
    {
        Assert.Equal(2, application.Children("net10.0/Ingest.Worker").Count);
        Assert.Equal(2, application.Children("net10.0/Analytics.Api").Count);

        // One API's death is no failure that an asker sees for long: the other answers, and the dead one comes back.
        ApplicationProcess.Signal(application.Children("net10.0/Analytics.Api")[0], "KILL");
        await application.AskUntilAsync("/api/summary", _ => application.Children("net10.0/Analytics.Api").Count == 2, TimeSpan.FromSeconds(30));
    }
}
