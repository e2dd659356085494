using System.Net;


namespace Analytics.Tests.Analytics.Api;

public sealed class SummaryTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task The_summary_counts_messages_attempts_and_students_each_by_their_meaning()
    {
        var summary = await world.Api.GetAsync("/api/summary");

        Assert.Equal(11, (long)summary["messages"]!);
        Assert.Equal(2, (long)summary["redeliveries"]!);
        Assert.Equal(7, (long)summary["attempts"]!);
        Assert.Equal(4, (long)summary["students"]!);
        Assert.Equal(4, (long)summary["courses"]!);
        Assert.Equal(5, (long)summary["exams"]!);
        Assert.Equal(1, (long)summary["certifications"]!);
    }

    [Fact]
    public async Task The_mean_score_is_per_attempt_with_the_published_one_per_message_beside_it()
    {
        var summary = await world.Api.GetAsync("/api/summary");

        Assert.Equal(635.0 / 9, (double)summary["meanScorePerMessage"]!, 1e-12);
        Assert.Equal((235 + 100.0 / 3) / 5, (double)summary["meanScore"]!, 1e-12);
        Assert.Null(summary["meanScoreReason"]);
    }

    [Fact]
    public async Task Completion_is_over_the_attempts_that_state_what_they_left()
    {
        var summary = await world.Api.GetAsync("/api/summary");

        Assert.Equal(18 / 4.0, (double)summary["meanQuestions"]!);
        Assert.Equal(50, (double)summary["completionRate"]!);
        Assert.Equal(5 / 4.0, (double)summary["meanUnanswered"]!);
        Assert.Equal(2 / 4.0, (double)summary["meanIncomplete"]!);
        Assert.Equal(1, (long)summary["repeatTakers"]!);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("?passMark=75", 1)]
    [InlineData("?passMark=74.9", 2)]
    [InlineData("?passMark=0", 4)]
    [InlineData("?passMark=1e-05", 4)]
    [InlineData("?passMark=7.5E%2B1", 1)]
    [InlineData("?passMark=100", 0)]
    public async Task Who_scores_over_the_mark_has_passed_and_who_has_no_counts_has_not(string query, int passed)
    {
        var summary = await world.Api.GetAsync($"/api/summary{query}");

        Assert.Equal(passed * 100.0 / 7, (double)summary["passRate"]!, 1e-12);
    }

    [Fact]
    public async Task The_first_and_the_last_start_are_told_to_the_fraction()
    {
        var summary = await world.Api.GetAsync("/api/summary");

        Assert.Equal(DateTimeOffset.Parse("2017-12-31T23:59:59.5Z"), (DateTimeOffset)summary["firstStart"]!);
        Assert.Equal(DateTimeOffset.Parse("2018-02-01T00:00:00Z"), (DateTimeOffset)summary["lastStart"]!);
    }

    [Fact]
    public async Task What_is_no_event_is_counted_by_reason_in_the_summary_and_on_the_report()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync("""
            insert into dead_letters (topic, topic_id, partition, kafka_offset, headers, reason, repaired_at)
            select 't', 'T', 0, i, '{}', case when i < 4 then format('keen_id at byte %s is <odd>: "%s|\"".', i, i) else 'It is empty.' end, case when i > 5 then now() end
            from generate_series(1, 7) i;
            insert into ingest_partitions (topic, topic_id, partition, altered_redeliveries) values ('t', 'T', 0, 2), ('t', 'T', 1, 3)
            """);

        var summary = await api.GetAsync("/api/summary");
        Assert.Equal((5, 5), ((long)summary["deadLetters"]!, (long)summary["alteredRedeliveries"]!));
        Assert.Equal(["keen_id at byte … is <odd>: ….: 3", "It is empty.: 2"],
            summary["deadLetterReasons"]!.AsArray().Select(group => $"{group!["reason"]}: {group["count"]}"));

        // Also before the first event.
        var page = await api.Client.GetStringAsync("/report", TestContext.Current.CancellationToken);
        Assert.Contains("5 records are kept whole, and count in no figure.", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">keen_id at byte … is &lt;odd&gt;: ….</th><td class=\"number\">3</td>", page, StringComparison.Ordinal);
        var text = await api.Client.GetStringAsync("/report.md", TestContext.Current.CancellationToken);
        Assert.Contains("| keen_id at byte … is \\<odd\\>: …. | 3 |\n| It is empty. | 2 |\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_database_answers_zeros_and_says_why_there_is_no_mean()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());

        var summary = await api.GetAsync("/api/summary");

        foreach (var count in (string[])["messages", "redeliveries", "attempts", "students", "courses", "exams", "certifications"])
        {
            Assert.Equal(0, (long)summary[count]!);
        }

        Assert.Null(summary["meanScore"]);
        Assert.NotNull(summary["meanScoreReason"]);
        Assert.Null(summary["passRate"]);
        Assert.NotNull(summary["passRateReason"]);
        Assert.Empty((await api.GetAsync("/api/courses"))["courses"]!.AsArray());
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode);
    }
}
