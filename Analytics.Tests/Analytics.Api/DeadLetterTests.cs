using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api;

public sealed class DeadLetterTests(SmallWorldApi world, KafkaServer kafka) : IClassFixture<SmallWorldApi>
{
    private const string Sql = """
        insert into dead_letters (topic, topic_id, partition, kafka_offset, kafka_timestamp, key, value, headers, reason, recorded_at) values
          ('assessment-attempts', 'T', 0, 5, '2018-01-01T10:00:00.5Z', 'a1', '\x00ff7b', '{"h": 1}', 'It is no JSON.', '2018-01-02'),
          ('assessment-attempts', 'T', 1, 6, null, null, null, '{}', 'It is empty.', '2018-01-03'),
          ('assessment-attempts', 'T', 1, 7, null, null, convert_to('{"keen_id":"k1","user_exam_id":"a1"}', 'UTF8'), '{}', 'It came too early.', '2018-01-04');
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_come_newest_first_a_page_at_a_time()
    {
        await using var api = await ApiAsync();

        var first = await api.GetAsync("/api/dead-letters?limit=2");
        Assert.Equal([3, 2], first["deadLetters"]!.AsArray().Select(letter => (long)letter!["id"]!));
        var last = await api.GetAsync($"/api/dead-letters?limit=2&cursor={first["next"]}");
        var letter = Assert.Single(last["deadLetters"]!.AsArray())!;
        Assert.Null(last["next"]);
        Assert.Equal(1, (long)letter["id"]!);
        Assert.Equal("assessment-attempts", (string)letter["topic"]!);
        Assert.Equal(0, (int)letter["partition"]!);
        Assert.Equal(5, (long)letter["offset"]!);
        Assert.Equal(DateTimeOffset.Parse("2018-01-01T10:00:00.5Z"), (DateTimeOffset)letter["timestamp"]!);
        Assert.Equal(3, (int)letter["bytes"]!);
        Assert.Equal("It is no JSON.", (string)letter["reason"]!);
    }

    [Fact]
    public async Task A_dead_letter_comes_whole()
    {
        await using var api = await ApiAsync();

        var letter = await api.GetAsync("/api/dead-letters/1");

        Assert.Equal("AP97", (string)letter["value"]!);
        Assert.Equal(Convert.ToBase64String("a1"u8), (string)letter["key"]!);
        Assert.Equal(1, (int)letter["headers"]!["h"]!);
        Assert.Equal([0x00, 0xff, 0x7b], await api.Client.GetByteArrayAsync("/api/dead-letters/1/raw", Cancel));
        using var empty = await api.Client.GetAsync("/api/dead-letters/2/raw", Cancel);
        Assert.Equal(HttpStatusCode.NoContent, empty.StatusCode);
    }

    [Fact]
    public async Task What_has_one_cause_is_one_group_and_is_sent_again_as_a_whole()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(await kafka.AddressAsync(), topic);
        await api.ExecuteAsync("""
            insert into dead_letters (topic, topic_id, partition, kafka_offset, value, headers, reason, source_file, source_line, repaired_at)
            select 't', 'T', 0, i, convert_to(case when i < 4 then format('{"keen_id":"k%s","user_exam_id":"a%s"}', i, i) else '{}' end, 'UTF8'), '{}',
              format('started_at at byte %s is odd.', 40 + i), 'x.ndjson', i, case when i = 1 then now() end
            from generate_series(1, 5) i
            """);

        var group = (await api.GetAsync("/api/dead-letters/groups"))["groups"]![0]!;
        Assert.Equal("started_at at byte … is odd.", (string)group["reason"]!);
        Assert.Equal(
            (5, 4, 8, "x.ndjson", 5), ((long)group["count"]!, (long)group["open"]!, (long)group["example"]!, (string)group["file"]!, (long)group["line"]!));
        var reason = Uri.EscapeDataString((string)group["reason"]!);
        var open = await api.GetAsync($"/api/dead-letters?open=true&reason={reason}");
        Assert.Equal([8, 7, 6, 5], open["deadLetters"]!.AsArray().Select(letter => (long)letter!["id"]!));

        using var response = await api.Client.PostAsync($"/api/dead-letters/replay?reason={reason}", null, Cancel);
        var replay = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!;
        Assert.Equal((2, 2, "Dead letter 7: keen_id and user_exam_id are missing.", 8),
            ((long)replay["sent"]!, (long)replay["refused"]!, (string)replay["reason"]!, (long)replay["last"]!));
        Assert.Equal([("a2", "5"), ("a3", "6")],
            (await kafka.ReadAllAsync(topic)).Select(record => (record.Key, Encoding.UTF8.GetString(record.Headers.GetLastBytes("replay-of")))));
    }

    [Theory]
    [InlineData("/api/dead-letters/99", HttpStatusCode.NotFound)]
    [InlineData("/api/dead-letters/99/raw", HttpStatusCode.NotFound)]
    [InlineData("/api/dead-letters/0", HttpStatusCode.BadRequest)]
    [InlineData("/api/dead-letters/x", HttpStatusCode.BadRequest)]
    [InlineData("/api/dead-letters?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/dead-letters?cursor=-1", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_or_makes_no_sense_is_refused(string path, HttpStatusCode status)
    {
        Assert.NotEmpty(await world.Api.RefusedAsync(path, status));
    }

    [Fact]
    public async Task A_repaired_event_is_sent_in_place_of_the_original()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(await kafka.AddressAsync(), topic);

        var (status, answer) = await ReplayAsync(api, 1, """{"keen_id":"k9","user_exam_id":"a9"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True((bool)answer["repaired"]!);
        Assert.Equal("a9", (string)answer["key"]!);
        var (key, value, headers) = Assert.Single(await kafka.ReadAllAsync(topic));
        Assert.Equal("a9", key);
        Assert.Equal("""{"keen_id":"k9","user_exam_id":"a9"}""", value);
        Assert.Equal("1"u8, headers.GetLastBytes("replay-of"));
    }

    [Fact]
    public async Task Without_a_body_the_original_is_sent_if_it_is_an_event_now()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(await kafka.AddressAsync(), topic);

        var (status, answer) = await ReplayAsync(api, 3, "");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((bool)answer["repaired"]!);
        Assert.Equal("a1", Assert.Single(await kafka.ReadAllAsync(topic)).Key);
    }

    [Fact]
    public async Task What_still_is_no_event_is_not_sent_again()
    {
        await using var api = await ApiAsync();
        (long Id, string Body, HttpStatusCode Expected)[] cases =
        [
            (1, "", HttpStatusCode.UnprocessableEntity), (2, "", HttpStatusCode.UnprocessableEntity),
            (1, "{}", HttpStatusCode.UnprocessableEntity), (99, "{}", HttpStatusCode.NotFound),
        ];

        foreach (var one in cases)
        {
            Assert.Equal(one, one with { Expected = (await ReplayAsync(api, one.Id, one.Body)).Status });
        }
    }

    private async Task<ApiServer> ApiAsync(string kafkaAddress = "127.0.0.1:9", string topic = "assessment-attempts")
    {
        var api = new ApiServer(await world.CreateDatabaseAsync(), kafkaAddress, ("Ingest:Topic", topic));
        await api.ExecuteAsync(Sql);
        return api;
    }

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> ReplayAsync(ApiServer api, long id, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await api.Client.PostAsync($"/api/dead-letters/{id}/replay", body.Length == 0 ? null : content, Cancel);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!);
    }
}
