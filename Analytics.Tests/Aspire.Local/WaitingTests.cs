using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Analytics.Tests.AspireLocal;

public sealed class WaitingTests
{
    [Fact]
    public async Task A_resource_that_waits_for_completion_starts_after_the_end_of_the_other()
    {
        await using var test = new TestApplication();
        var first = test.Shell("first", "sleep 0.2; echo done > result");
        var second = test.Shell("second", "cat result").WaitForCompletion(first);

        await test.StartAsync();
        await test.UntilEndedAsync("second");

        Assert.Contains(await test.ConsoleAsync(second.Resource), line => line.Content == "done");
    }

    [Fact]
    public async Task A_wrong_exit_code_fails_the_one_that_waits_for_completion()
    {
        await using var test = new TestApplication();
        var first = test.Shell("first", "exit 3");
        var second = test.Shell("second", "echo started").WaitForCompletion(first);

        await test.StartAsync();
        await test.UntilAsync("second", KnownResourceStates.FailedToStart);

        Assert.Contains(await test.ConsoleAsync(second.Resource), line => line.Content.Contains("ended with exit code 3, expected was 0", StringComparison.Ordinal));
        Assert.Equal(3, (await test.UntilEndedAsync("first")).ExitCode);
    }

    [Fact]
    public async Task Another_exit_code_can_be_the_expected_one()
    {
        await using var test = new TestApplication();
        var first = test.Shell("first", "exit 3");
        test.Shell("second", "exit 0").WaitForCompletion(first, exitCode: 3);

        await test.StartAsync();

        Assert.Equal(0, (await test.UntilEndedAsync("second")).ExitCode);
    }

    [Fact]
    public async Task A_resource_of_its_own_kind_holds_those_that_wait_for_it_until_its_health_check_says_healthy()
    {
        await using var test = new TestApplication();
        var healthy = false;
        test.Builder.Services.AddHealthChecks().AddCheck("own", () => healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("not yet"));
        var own = test.Builder.AddResource(new OwnResource("own")).WithHealthCheck("own")
            .WithInitialState(new CustomResourceSnapshot { ResourceType = "Own", Properties = [], State = KnownResourceStates.NotStarted })
            .OnInitializeResource((resource, @event, _) => @event.Notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = KnownResourceStates.Running }));
        var user = test.Shell("user", "echo started").WaitFor(own);

        await test.StartAsync();
        var sick = await test.Notifications.WaitForResourceAsync("own", e => e.Snapshot.HealthReports is [{ Description: "not yet" }], TestApplication.Deadline());
        Assert.Equal(HealthStatus.Unhealthy, sick.Snapshot.HealthStatus);
        await test.UntilAsync("user", KnownResourceStates.Waiting);
        healthy = true;

        await test.UntilEndedAsync("user");
        await test.Notifications.WaitForResourceHealthyAsync("own", TestApplication.Deadline());
        Assert.Contains(await test.ConsoleAsync(user.Resource), line => line.Content == "started");
    }

    [Fact]
    public async Task Those_that_wait_go_on_only_when_the_ready_handlers_are_through()
    {
        await using var test = new TestApplication();
        var release = new TaskCompletionSource();
        var ready = test.Shell("ready", "sleep 1000").OnResourceReady((_, _, _) => release.Task);
        test.Shell("user", "exit 0").WaitFor(ready);

        await test.StartAsync();
        await test.UntilAsync("ready", KnownResourceStates.Running);
        await test.UntilAsync("user", KnownResourceStates.Waiting);
        release.SetResult();

        await test.UntilEndedAsync("user");
    }

    [Fact]
    public async Task A_process_starts_when_the_handlers_before_its_start_are_through()
    {
        await using var test = new TestApplication();
        var process = test.Shell("process", "cat prepared").OnBeforeResourceStarted(async (_, _, cancellationToken) =>
        {
            await Task.Yield();
            await File.WriteAllTextAsync(test.PathOf("prepared"), "by the handler", cancellationToken);
        });

        await test.StartAsync();
        await test.UntilEndedAsync("process");

        Assert.Contains(await test.ConsoleAsync(process.Resource), line => line.Content == "by the handler");
    }

    [Fact]
    public async Task A_handler_that_fails_before_the_start_fails_the_start()
    {
        await using var test = new TestApplication();
        var process = test.Shell("process", "echo started").OnBeforeResourceStarted((_, _, _) => throw new InvalidOperationException("no initdb here"));

        await test.StartAsync();
        await test.UntilAsync("process", KnownResourceStates.FailedToStart);

        var line = Assert.Single(await test.ConsoleAsync(process.Resource));
        Assert.Contains("no initdb here", line.Content, StringComparison.Ordinal);
        Assert.True(line.IsErrorMessage);
    }

    [Fact]
    public async Task The_start_command_ends_a_wait()
    {
        await using var test = new TestApplication();
        var never = test.Shell("never", "exit 0").WithExplicitStart();
        var user = test.Shell("user", "exit 0").WaitFor(never);

        await test.StartAsync();
        await test.UntilAsync("user", KnownResourceStates.Waiting);
        await test.Application.ResourceCommands.ExecuteCommandAsync(user.Resource, KnownResourceCommands.StartCommand, TestApplication.Deadline());

        await test.UntilEndedAsync("user");
        await test.UntilAsync("never", KnownResourceStates.NotStarted);
    }

    private sealed class OwnResource(string name) : Resource(name);
}
