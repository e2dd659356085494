using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Native.Hosting;
using Data.Generator;
using Npgsql;

namespace Analytics.Tests.EndToEnd;

/// <summary>The whole application, as its user starts it.</summary>
[Collection(WholeApplication.Name)]
public sealed class ApplicationTests
{
    private const string LeastPopular = "Learning to Visualize Data with D3.js|Native Web Apps for Android|Nulls, Three-valued Logic and Missing "
        + "Information|Operating Red Hat Enterprise Linux Servers";

    internal static string DataSetFile => Path.Combine(Repository.Root, "data", "assessment-attempts.json.gz");

    [Fact]
    public async Task The_data_set_gives_the_published_figures_twice_published_too_and_after_kill_9_of_the_AppHost_the_next_start_has_them()
    {
        using var state = new TemporaryFolder();
        await using (var application = await ApplicationProcess.StartAsync(state.Path, DataSetFile))
        {
            await FiguresAsync(application, messages: 3_280, ofLearningGit: 394);

            Assert.Equal(0, await PublishAsync(DataSetFile, application.Kafka));
            await application.AskUntilAsync("/api/summary", summary => Messages(summary) == 6_560, TimeSpan.FromMinutes(1));
            await FiguresAsync(application, messages: 6_560, ofLearningGit: 788);

            Assert.NotEmpty(ApplicationProcess.Running(state.Path));
            ApplicationProcess.Signal(application.Id, "KILL");
            await application.EndedAsync(TimeSpan.FromSeconds(10));
            await ApplicationProcess.GoneAsync(state.Path, TimeSpan.FromSeconds(60));
        }

        // The next start finds everything there, and publishes nothing that it has published.
        await using var again = await ApplicationProcess.StartAsync(state.Path, DataSetFile, ["--workers", "2", "--apis", "2"]);
        await FiguresAsync(again, messages: 6_560, ofLearningGit: 788);
        await TwoShareTheWorkAndTheAddressAsync(again);

        var took = await again.InterruptAsync();
        Assert.True(took < TimeSpan.FromSeconds(10), $"Ctrl+C took {took}.");
        await ApplicationProcess.GoneAsync(state.Path, TimeSpan.FromSeconds(10));
    }

    [Fact(Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task On_an_Apache_Kafka_given_by_its_address_the_answers_are_the_same_and_no_broker_is_started()
    {
        await using var kafka = await ApacheKafkaServer.StartAsync();
        using var state = new TemporaryFolder();
        await using var application = await ApplicationProcess.StartAsync(state.Path, DataSetFile, ("ConnectionStrings__kafka", kafka.Address));

        await FiguresAsync(application, messages: 3_280, ofLearningGit: 394);
        Assert.EndsWith(kafka.Address.Split(':')[1], application.Kafka, StringComparison.Ordinal);
        Assert.Empty(application.Children("Kafka.Broker.dll"));
    }

    [Theory]
    [InlineData(1, 15_000)]
    [InlineData(2, 30_000, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Killing_worker_broker_and_PostgreSQL_while_events_flow_loses_nothing_and_counts_nothing_twice_and_the_orchestrators_death_ends_all(
        int rounds, int attempts)
    {
        using var state = new TemporaryFolder();
        var file = Path.Combine(state.Path, "load.ndjson");
        LoadCounts load;
        await using (var stream = File.Create(file))
        {
            load = LoadGenerator.Write(stream, new LoadOptions { Attempts = attempts, Redelivered = 0.02, Replaced = 0.02, Seed = 7 },
                TestContext.Current.CancellationToken);
        }

        await using var application = await ApplicationProcess.StartAsync(Path.Combine(state.Path, "state"), "none");
        var publishing = PublishAsync(file, application.Kafka);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var victim in (string[])["net10.0/Ingest.Worker", "Kafka.Broker.dll", "/bin/postgres -D"])
            {
                var before = await application.AskUntilAsync("/api/summary", _ => true, TimeSpan.FromMinutes(1));
                foreach (var id in application.Children(victim))
                {
                    ApplicationProcess.Signal(id, "KILL");
                }

                // The next blow falls when ingest has come on again, or has nothing left to do.
                await application.AskUntilAsync(
                    "/api/summary",
                    now => Messages(now) > Messages(before) || Messages(now) == load.Events,
                    TimeSpan.FromMinutes(1));
            }
        }

        Assert.Equal(0, await publishing);
        var summary = await application.AskUntilAsync("/api/summary", now => Messages(now) >= load.Events, TimeSpan.FromMinutes(2));
        Assert.Equal(load.Events, Messages(summary));
        Assert.Equal(load.Attempts, summary.GetProperty("attempts").GetInt64());
        Assert.Equal(load.Redeliveries, summary.GetProperty("redeliveries").GetInt64());
        var ingest = await application.AskUntilAsync("/api/ingest", now => now.GetProperty("lag") is { ValueKind: JsonValueKind.Number } lag
            && lag.GetInt64() == 0, TimeSpan.FromMinutes(1));
        Assert.Equal(0, ingest.GetProperty("deadLetters").GetInt64());
        await FiguresAgreeWithRowsAsync(Path.Combine(state.Path, "state"));

        // Without its orchestrator the application is over too, and nothing of it stays.
        ApplicationProcess.Signal(application.Orchestrator, "KILL");
        Assert.Equal(1, await application.EndedAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("orchestrator (dcp) has died", application.Output, StringComparison.Ordinal);
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

    private static long Messages(JsonElement summary) => summary.GetProperty("messages").GetInt64();

    internal static async Task FiguresAsync(ApplicationProcess application, long messages, long ofLearningGit)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var summary = await application.Api.GetFromJsonAsync<JsonElement>("/api/summary", cancellationToken);
        Assert.True(messages == Messages(summary), $"{Messages(summary)} messages instead of {messages}.\n{application.Output}");
        Assert.Equal(3_242, summary.GetProperty("attempts").GetInt64());
        Assert.Equal(3_242, summary.GetProperty("students").GetInt64());
        Assert.Equal(103, summary.GetProperty("courses").GetInt64());
        Assert.Equal(107, summary.GetProperty("exams").GetInt64());
        Assert.Equal(0, summary.GetProperty("certifications").GetInt64());
        Assert.Equal(62.6570, summary.GetProperty("meanScorePerMessage").GetDouble(), 0.00005);
        Assert.Equal(100.0 * 1_620 / 3_242, summary.GetProperty("passRate").GetDouble(), 1e-9);

        var git = await application.Api.GetFromJsonAsync<JsonElement>("/api/courses/learning-git", cancellationToken);
        Assert.Equal(ofLearningGit, git.GetProperty("messages").GetInt64());
        Assert.Equal(390, git.GetProperty("attempts").GetInt64());
        Assert.Equal(390, git.GetProperty("students").GetInt64());

        var rare = await application.Api.GetFromJsonAsync<JsonElement>("/api/courses?attempts=1&sort=name", cancellationToken);
        Assert.Equal(LeastPopular, string.Join('|', rare.GetProperty("courses").EnumerateArray().Select(course => course.GetProperty("name").GetString())));
    }

    /// <summary>What the rollups say must be what the rows say.</summary>
    private static async Task FiguresAgreeWithRowsAsync(string state)
    {
        var postgres = Path.Combine(state, "postgres");
        var port = (await File.ReadAllTextAsync(Path.Combine(postgres, "port"))).Trim();
        var password = (await File.ReadAllTextAsync(Path.Combine(postgres, "password"))).Trim();
        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=postgres;Password={password};Database=activity");
        await using var differences = source.CreateCommand("""
            select count(*) from (
              select exam_id, total, correct, attempts from exam_scores where attempts <> 0
              except
              select exam_id, total, correct, count(*) from attempts where total is not null and correct is not null group by 1, 2, 3) d
            """);
        Assert.Equal(0L, await differences.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        await using var strays = source.CreateCommand("""
            select (select count(*) from answers left join attempts using (attempt_id) where attempts.attempt_id is null)
              + (select count(*) from attempts) - (select sum(attempts) from exam_totals)
            """);
        Assert.Equal(
            0m, Convert.ToDecimal(await strays.ExecuteScalarAsync(TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<int> PublishAsync(string file, string kafka)
    {
        using var publish = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ingest.Worker.dll"), "publish", file, "--bootstrap-servers", kafka])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var output = publish.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = publish.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await publish.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output + await errors);
        return publish.ExitCode;
    }
}
