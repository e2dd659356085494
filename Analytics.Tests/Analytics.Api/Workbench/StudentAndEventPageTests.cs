using System.Net;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Analytics.Api.Workbench;

public sealed class StudentAndEventPageTests(SmallWorldApi world, KafkaServer kafka) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_needs_help_is_told_by_the_rule_that_applies()
    {
        await using var api = await WithStudentsAsync();
        var students = (await api.GetAsync("/api/students/at-risk"))["students"]!.AsArray();

        Assert.Equal(
            ["falls: true false false", "idle: false false true", "leaves: false true false"],
            students.Select(student => $"{student!["userId"]}: {student["isFalling"]} {student["isUnanswered"]} {student["isIdle"]}").Order());
        Assert.Equal((80, 50), ((double)students[0]!["firstScore"]!, (double)students[0]!["lastScore"]!));
        Assert.Equal(2, (await api.GetAsync("/api/students/at-risk?passMark=40"))["students"]!.AsArray().Count); // Then idle has passed.
        var page = await api.Client.GetStringAsync("/students", Cancel);
        Assert.Contains("20 points or more below the first", page, StringComparison.Ordinal);
        Assert.Contains("<td>falling</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_student_has_a_history_and_is_found_by_id()
    {
        await using var api = await WithStudentsAsync();
        using var found = await api.Client.GetAsync("/students?course=&user=falls", Cancel);
        using var answer = await api.Client.GetAsync("/students?user=falls", Cancel);
        var page = await api.Client.GetStringAsync("/students/falls", Cancel);
        using var missing = await api.Client.GetAsync("/students/fals", Cancel);

        Assert.Equal("/students?user=falls", found.Headers.Location?.OriginalString); // Without the empty field.
        Assert.Equal("/students/falls", answer.Headers.Location?.OriginalString);
        Assert.Equal(2, Regex.Count(page, "href=\"/api/attempts/"));
        Assert.Contains("-30.0", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("did you mean falls?", await missing.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_are_listed_by_reason_and_sent_again_by_a_form_of_our_own_only()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = new ApiServer(await world.CreateDatabaseAsync(), await kafka.AddressAsync(), ("Ingest:Topic", topic));
        await api.ExecuteAsync("""
            insert into dead_letters (topic, topic_id, partition, kafka_offset, value, headers, reason)
            select 't', 'T', 0, i, convert_to(case i when 1 then '{"keen_id":"k","user_exam_id":"a"}' else 'no' end, 'UTF8'), '{}', 'It was refused <then>.' from generate_series(1, 2) i
            """);
        var page = await api.Client.GetStringAsync("/events", Cancel);
        using var foreign = await SendAsync(api, "http://evil.example");
        using var own = await SendAsync(api, api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));

        Assert.Contains("It was refused &lt;then&gt;.", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.Equal("/events?sent=1&refused=1", own.Headers.Location?.OriginalString);
        Assert.Contains("1 record was sent again; 1 is still no event", await api.Client.GetStringAsync("/events?sent=1&refused=1", Cancel),
            StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiServer api, string origin)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/events/replay") { Content = new FormUrlEncodedContent([new("reason", "It was refused <then>.")]) };
        request.Headers.Add("Origin", origin);
        return await api.Client.SendAsync(request, Cancel);
    }

    // falls: 80, then 50 %. leaves: the last of two leaves half. idle: one attempt, long ago, not passed. well: as the newest of all, 100 %.
    private async Task<ApiServer> WithStudentsAsync()
    {
        var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync("""
            insert into courses (name, slug) values ('C', 'c'); insert into exams (course_id, base_exam_id) values (1, 'e');
            insert into course_users (course_id, user_id, attempts) select course_id, user_id, 2 from unnest(array[0, 1]) course (course_id), unnest(array['falls', 'leaves', 'idle', 'well']) named (user_id);
            insert into events (user_exam_id, keen_id, version, exam_id, started_at, total, correct, unanswered, user_id, certification) values
              ('f1', 'f1', 1, 1, '2018-01-01Z', 10, 8, 0, 'falls', false), ('f2', 'f2', 1, 1, '2018-01-02Z', 10, 5, 0, 'falls', false),
              ('l1', 'l1', 1, 1, '2018-05-01Z', 10, 8, 0, 'leaves', false), ('l2', 'l2', 1, 1, '2018-05-02Z', 10, 7, 3, 'leaves', false),
              ('i1', 'i1', 1, 1, '2018-01-01Z', 10, 5, 0, 'idle', false), ('w1', 'w1', 1, 1, '2018-06-01Z', 10, 10, 0, 'well', false);
            """);
        return api;
    }
}
