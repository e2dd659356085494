using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Analytics.Tests.AspireLocal;

public sealed class ProcessTests
{
    [Fact]
    public async Task What_a_process_writes_is_its_console_line_by_line()
    {
        await using var test = new TestApplication();
        var process = test.Shell("process", "echo one; echo two >&2; printf 'half'; printf ' and half\\nno end'");

        await test.StartAsync();
        await test.UntilEndedAsync("process");
        var lines = await test.ConsoleAsync(process.Resource);

        Assert.Equal(["one", "half and half", "no end"], lines.Where(line => !line.IsErrorMessage).Select(line => line.Content));
        Assert.Equal(["two"], lines.Where(line => line.IsErrorMessage).Select(line => line.Content));
        Assert.Equal([1, 2, 3, 4], lines.Select(line => line.LineNumber));
    }

    [Fact]
    public async Task A_console_can_be_watched_while_the_process_runs()
    {
        await using var test = new TestApplication();
        var process = test.Shell("process", "echo asking; while [ ! -f answer ]; do sleep 0.05; done; cat answer");

        await test.StartAsync();
        await test.LineAsync(process.Resource, line => line == "asking");
        await File.WriteAllTextAsync(test.PathOf("answer"), "forty-two\n", TestApplication.Deadline());

        await test.LineAsync(process.Resource, line => line == "forty-two");
    }

    [Fact]
    public async Task The_restart_command_gives_the_resource_a_new_process()
    {
        await using var test = new TestApplication();
        var process = test.Shell("process", "sleep 1000");

        await test.StartAsync();
        var before = Pid(await test.UntilAsync("process", KnownResourceStates.Running));
        var result = await test.Application.ResourceCommands.ExecuteCommandAsync(process.Resource, KnownResourceCommands.RestartCommand, TestApplication.Deadline());
        var after = Pid(await test.UntilAsync("process", KnownResourceStates.Running));

        Assert.True(result.Success, result.ErrorMessage);
        Assert.NotEqual(before, after);
        Assert.False(Processes.Run(before));
        Assert.True(Processes.Run(after));
    }

    [Fact]
    public async Task A_process_that_is_stopped_by_command_can_be_started_again()
    {
        await using var test = new TestApplication();
        test.Shell("process", "trap 'exit 7' TERM; while :; do sleep 0.05; done");

        await test.StartAsync();
        var running = await test.Notifications.WaitForResourceAsync("process", e => e.Snapshot.State?.Text == KnownResourceStates.Running, TestApplication.Deadline());
        Assert.StartsWith("process-", running.ResourceId, StringComparison.Ordinal);
        await test.Application.ResourceCommands.ExecuteCommandAsync(running.ResourceId, KnownResourceCommands.StopCommand, TestApplication.Deadline());
        await test.UntilEndedAsync("process");
        Assert.False(Processes.Run(Pid(running.Snapshot)));

        await test.Application.ResourceCommands.ExecuteCommandAsync(running.ResourceId, KnownResourceCommands.StartCommand, TestApplication.Deadline());
        Assert.True(Processes.Run(Pid(await test.UntilAsync("process", KnownResourceStates.Running))));
    }

    [Fact]
    public async Task A_killed_process_can_be_started_again_by_a_handler_of_its_end()
    {
        await using var test = new TestApplication();
        var ends = new List<int?>();
        test.Shell("process", "sleep 1000").OnResourceStopped(async (resource, @event, cancellationToken) =>
        {
            ends.Add(@event.ResourceEvent.Snapshot.ExitCode);
            await test.Application.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
        });

        await test.StartAsync();
        var first = Pid(await test.UntilAsync("process", KnownResourceStates.Running));
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        await test.Notifications.WaitForResourceAsync("process", e => e.Snapshot.State?.Text == KnownResourceStates.Running && Pid(e.Snapshot) != first, TestApplication.Deadline());
        Assert.Equal([137], ends);
    }

    [Fact]
    public async Task Users_stop_before_what_they_use()
    {
        await using var test = new TestApplication();
        const string script = "trap \"echo $0 >> order; exit 0\" TERM; echo up; while :; do sleep 0.05; done";
        var database = test.Builder.AddExecutable("database", "sh", ".", "-c", script, "database");
        var worker = test.Builder.AddExecutable("worker", "sh", ".", "-c", script, "worker").WaitFor(database);
        var page = test.Builder.AddExecutable("page", "sh", ".", "-c", script, "page").WaitFor(worker);

        await test.StartAsync();
        await test.LineAsync(page.Resource, line => line == "up");
        await test.Application.StopAsync(TestApplication.Deadline());

        Assert.Equal(["page", "worker", "database"], await File.ReadAllLinesAsync(test.PathOf("order"), TestApplication.Deadline()));
    }

    [Fact]
    public async Task Processes_that_do_not_listen_and_those_they_started_are_gone_within_five_seconds()
    {
        await using var test = new TestApplication();
        var deaf = test.Shell("deaf", "trap '' TERM; sleep 1000 & echo child $!; wait; while :; do sleep 0.05; done");
        var user = test.Shell("user", "trap '' TERM; echo up; while :; do sleep 0.05; done").WaitFor(deaf);

        await test.StartAsync();
        var child = int.Parse((await test.LineAsync(deaf.Resource, line => line.StartsWith("child ", StringComparison.Ordinal)))["child ".Length..], CultureInfo.InvariantCulture);
        await test.LineAsync(user.Resource, line => line == "up");
        var stopping = Stopwatch.StartNew();
        await test.Application.StopAsync(TestApplication.Deadline());

        Assert.InRange(stopping.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.False(Processes.Run(child));
        Assert.Equal(137, (await test.UntilEndedAsync("deaf")).ExitCode);
    }

    [Theory]
    [InlineData("no-such-command", "There is no executable 'no-such-command' in PATH.")]
    [InlineData("./no-such-file", "There is no executable ")]
    public async Task A_command_that_is_not_there_fails_the_start_with_a_sentence(string command, string sentence)
    {
        await using var test = new TestApplication();
        var process = test.Builder.AddExecutable("process", command, ".");

        await test.StartAsync();
        await test.UntilAsync("process", KnownResourceStates.FailedToStart);

        Assert.Contains(sentence, Assert.Single(await test.ConsoleAsync(process.Resource)).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_is_refused_with_a_sentence()
    {
        await using var test = new TestApplication();
        test.Builder.AddKafka("kafka").WithDataVolume();

        var refused = await Assert.ThrowsAsync<DistributedApplicationException>(test.StartAsync);

        Assert.Contains("'kafka' is a container, and Aspire.Local runs none", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--operation", "publish")]
    [InlineData("--publisher", "manifest")]
    public void Publishing_is_refused_with_a_sentence(params string[] args)
    {
        var refused = Assert.Throws<DistributedApplicationException>(() => DistributedApplication.CreateBuilder(args));

        Assert.Contains("can't publish", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_resources_cannot_have_one_name()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true, ProjectDirectory = Path.GetTempPath() });
        builder.AddExecutable("worker", "sh", ".");

        Assert.Throws<DistributedApplicationException>(() => builder.AddExecutable("Worker", "sh", "."));
        Assert.Throws<ArgumentException>(() => builder.AddExecutable("two words", "sh", "."));
    }

    private static int Pid(CustomResourceSnapshot snapshot) => (int)snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;
}
