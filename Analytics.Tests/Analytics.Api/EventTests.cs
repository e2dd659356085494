using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Analytics.Tests.Ingest.Worker;
using ZstdSharp;

namespace Analytics.Tests.Analytics.Api;

public sealed class EventTests(SmallWorldApi world, KafkaServer kafka) : IClassFixture<SmallWorldApi>
{
    private static readonly string[] Events =
    [
        """{"keen_id":"k1","user_exam_id":"a1"}""",
        """{ "user_exam_id" : "a2", "keen_id" : "k2", "exam_name" : "Café" }""",
        """{"keen_id":"k3","user_exam_id":"a1","certification":"false"}""",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Bodies => new()
    {
        { "one event", Events[0] },
        { "an array", $"[{string.Join(" , ", Events)}]" },
        { "one a line", string.Join('\n', Events) },
        { "one after another", string.Concat(Events) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Events_reach_the_topic_byte_for_byte_under_their_attempts_key(string shape, string body)
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);

        var receipt = await PostAsync(api, Encoding.UTF8.GetBytes(body));

        var expected = shape == "one event" ? Events[..1] : Events;
        Assert.Equal(expected.Length, (long)receipt["accepted"]!);
        Assert.Empty(receipt["rejected"]!.AsArray());
        Assert.Equal(expected, (await kafka.ReadAllAsync(topic)).Select(record => record.Value));
        Assert.Equal(((string[])["a1", "a2", "a1"])[..expected.Length], (await kafka.ReadAllAsync(topic)).Select(record => record.Key));
    }

    [Fact]
    public async Task An_attempts_events_are_in_one_partition_whether_posted_or_published()
    {
        var topic = await Topic.CreateAsync(await kafka.AddressAsync(), partitions: 7);
        var events = Enumerable.Range(0, 40).Select(i => $$"""{"keen_id":"k{{i}}","user_exam_id":"attempt-{{i}}"}""").ToArray();
        await using var api = await ApiAsync(topic.Name);

        await PostAsync(api, Encoding.UTF8.GetBytes(string.Join('\n', events)));
        var (exitCode, _, _) =
            await WorkerProcess.RunAsync(["publish", "-", "--topic", topic.Name, "--bootstrap-servers", topic.Servers], string.Join('\n', events));

        Assert.Equal(0, exitCode);
        var partitions = topic.ReadAll().GroupBy(record => Encoding.UTF8.GetString(record.Message.Key!)).ToArray();
        Assert.Equal(40, partitions.Length);
        Assert.All(partitions, attempt => Assert.Equal((2, 1), (attempt.Count(), attempt.Select(record => record.Partition).Distinct().Count())));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_compressed_body_is_taken_as_its_content(string encoding)
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        var compressed = new MemoryStream();
        await using (Stream compressor = encoding == "gzip" ? new GZipStream(compressed, CompressionMode.Compress) : new CompressionStream(compressed))
        {
            await compressor.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', Events)), Cancel);
        }

        var receipt = await PostAsync(api, compressed.ToArray(), encoding);

        Assert.Equal(3, (long)receipt["accepted"]!);
        Assert.Equal(Events, (await kafka.ReadAllAsync(topic)).Select(record => record.Value));
    }

    [Fact]
    public async Task A_bad_event_is_refused_with_its_place_and_the_good_ones_are_kept()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);

        var receipt = await PostAsync(api, Encoding.UTF8.GetBytes($"{Events[0]}\n{{\"keen_id\":\"k\"}}\nnonsense\n{Events[1]}\n{{\"keen_id\":"));

        Assert.Equal(2, (long)receipt["accepted"]!);
        Assert.Equal(3, (long)receipt["rejectedCount"]!);
        var rejected = receipt["rejected"]!.AsArray();
        Assert.Equal([1, 2, 4], rejected.Select(rejection => (long)rejection!["index"]!));
        Assert.Equal([2, 3, 5], rejected.Select(rejection => (long)rejection!["line"]!));
        Assert.Contains("user_exam_id", (string)rejected[0]!["reason"]!, StringComparison.Ordinal);
        Assert.Equal(2, (await kafka.ReadAllAsync(topic)).Count);
    }

    [Fact]
    public async Task More_events_than_are_let_under_way_at_once_all_arrive_in_order()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        var events = Enumerable.Range(0, 5000).Select(i => $$"""{"keen_id":"k{{i}}","user_exam_id":"a{{i % 7}}"}""").ToArray();

        var receipt = await PostAsync(api, Encoding.UTF8.GetBytes(string.Join('\n', events)));

        Assert.Equal(5000, (long)receipt["accepted"]!);
        Assert.Equal(events, (await kafka.ReadAllAsync(topic)).Select(record => record.Value));
    }

    [Fact]
    public async Task A_body_without_one_good_event_is_refused_whole()
    {
        using var response = await SendAsync(world.Api, """[{"keen_id":"k"},7]"""u8.ToArray());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        Assert.Equal(2, problem!["rejected"]!.AsArray().Count);
        Assert.StartsWith("None of the 2 events is good; the first, in line 1: ", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", HttpStatusCode.BadRequest)]
    [InlineData("  \n ", "", HttpStatusCode.BadRequest)]
    [InlineData("[]", "", HttpStatusCode.BadRequest)]
    [InlineData("{}", "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("{}", "gzip, gzip", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_of_nothing_or_of_an_unknown_encoding_is_refused(string body, string encoding, HttpStatusCode status)
    {
        using var response = await SendAsync(world.Api, Encoding.UTF8.GetBytes(body), encoding);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync(), settings: ("Events:MaxBodyBytes", "100"));

        using var response = await SendAsync(api, new byte[101]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_small_body_that_grows_without_end_when_uncompressed_is_given_up()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic, ("Events:MaxUncompressedBytes", "1000"));
        var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionMode.Compress))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(Events[0], 10_000))), Cancel);
        }

        var receipt = await PostAsync(api, compressed.ToArray(), "gzip");

        Assert.Equal(1000 / (Events[0].Length + 1), (long)receipt["accepted"]!);
        Assert.Contains("more than 1000 bytes, uncompressed", (string)receipt["rejected"]![0]!["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_body_of_millions_of_faults_is_given_up_after_a_thousand()
    {
        var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var faults = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}", 500_000)));
            for (var i = 0; i < 140; i++)
            {
                await gzip.WriteAsync(faults, Cancel);
            }
        }

        using var response = await SendAsync(world.Api, compressed.ToArray(), "gzip");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        Assert.Equal(1001, (long)problem!["rejectedCount"]!);
        Assert.Equal("Over 1000 values are no events: from here on nothing was read.", (string)problem["rejected"]![1000]!["reason"]!);
    }

    [Theory]
    [InlineData("BZh91AY&SY", "This is a bzip2 file, not JSON: ")]
    [InlineData("{\"actor\":{},\"verb\":{},\"object\":{}}", "This is an xAPI statement, not an event of this application: ")]
    [InlineData("keen_id,user_exam_id\nk,a\n", "This is a table of comma-separated values")]
    public async Task A_body_of_another_format_is_refused_by_its_name(string body, string detail)
    {
        using var response = await SendAsync(world.Api, Encoding.UTF8.GetBytes(body));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        Assert.StartsWith(detail, (string)problem!["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_in_an_envelope_goes_on_as_it_is_under_its_own_key()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        var envelope = $$"""{"schema":{},"payload":{{Events[0]}}}""";

        await PostAsync(api, Encoding.UTF8.GetBytes(envelope));

        var (key, value, _) = Assert.Single(await kafka.ReadAllAsync(topic));
        Assert.Equal(("a1", envelope), (key, value));
    }

    [Fact]
    public async Task Without_Kafka_the_sender_is_told_to_come_back()
    {
        await using var api = new ApiServer(
            await world.CreateDatabaseAsync(), settings: ("Aspire:Confluent:Kafka:Producer:kafka:Config:MessageTimeoutMs", "100"));

        using var response = await SendAsync(api, Encoding.UTF8.GetBytes(Events[0]));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task The_lag_is_what_Kafka_has_and_the_tables_have_not()
    {
        var topic = await kafka.CreateTopicAsync(partitions: 2);
        await using var api = await ApiAsync(topic);
        await PostAsync(api, Encoding.UTF8.GetBytes(string.Join('\n', Events)));

        var ingest = await api.GetAsync("/api/ingest");

        Assert.Equal(topic, (string)ingest["topic"]!);
        Assert.Equal(3, (long)ingest["endOffset"]!);
        Assert.Equal(0, (long)ingest["nextOffset"]!);
        Assert.Equal(3, (long)ingest["lag"]!);
        Assert.Null(ingest["lagSeconds"]);
        Assert.Null(ingest["endOffsetReason"]);
        Assert.Equal(2, ingest["partitions"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_lag_in_seconds_is_the_age_of_what_was_ingested_last_and_0_where_nothing_is_left()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        await PostAsync(api, Encoding.UTF8.GetBytes(string.Join('\n', Events)));
        var id = await kafka.TopicIdAsync(topic);
        await api.ExecuteAsync($"""
            insert into ingest_partitions (topic, topic_id, partition, next_offset, record_at) values ('{topic}', '{id}', 0, 1, now() - interval '90 s')
            """);

        var behind = await api.GetAsync("/api/ingest");
        await api.ExecuteAsync("update ingest_partitions set next_offset = 3");
        var done = await api.GetAsync("/api/ingest");

        Assert.Equal(2, (long)behind["lag"]!);
        Assert.InRange((double)behind["lagSeconds"]!, 90, 3600);
        Assert.Equal((0, 0, 0), ((long)done["lag"]!, (double)done["lagSeconds"]!, (double)done["remainingSeconds"]!));
    }

    [Fact]
    public async Task A_topic_that_is_not_there_yet_is_said_to_be_missing()
    {
        await using var api = await ApiAsync("not-made-yet");

        var ingest = await api.GetAsync("/api/ingest");

        Assert.Equal("Kafka has no topic \"not-made-yet\" yet.", (string)ingest["endOffsetReason"]!);
    }

    private async Task<ApiServer> ApiAsync(string topic, params (string, string)[] settings) =>
        new(world.Database, await kafka.AddressAsync(), [("Ingest:Topic", topic), .. settings]);

    private static async Task<JsonNode> PostAsync(ApiServer api, byte[] body, string encoding = "")
    {
        using var response = await SendAsync(api, body, encoding);
        var answer = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, answer);
        return JsonNode.Parse(answer)!;
    }

    private static Task<HttpResponseMessage> SendAsync(ApiServer api, byte[] body, string encoding = "")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/x-ndjson");
        if (encoding.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        return api.Client.PostAsync("/api/events", content, Cancel);
    }
}
