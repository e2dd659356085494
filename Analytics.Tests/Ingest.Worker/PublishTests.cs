using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>The verb publish, as its user sees it.</summary>
public sealed partial class PublishTests(IngestBroker broker) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Each_event_is_on_the_topic_byte_for_byte_under_its_key_with_its_place_in_the_file()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        string[] events = [.. Enumerable.Range(0, 50).Select(i => $$"""{ "user_exam_id" : "é{{i % 20}}",  "keen_id":"k{{i}}" }""")];
        var file = File("events.json", $"[{string.Join(" ,\n", events)}]");

        var (exitCode, output, error) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, file);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(ClosingLine(), output);
        Assert.StartsWith($"{file}: 50 events published, 0 faulty, in ", output, StringComparison.Ordinal);
        var records = topic.ReadAll();
        Assert.Equal(events.Order(StringComparer.Ordinal), records.Select(Value).Order(StringComparer.Ordinal));
        Assert.All(records, record =>
        {
            var index = Index(record);
            Assert.Equal(events[index], Value(record));
            Assert.Equal($"é{index % 20}", Encoding.UTF8.GetString(record.Message.Key!));
            Assert.Equal(SHA256.HashData(System.IO.File.ReadAllBytes(file))[..16], record.Message.Headers.GetLastBytes("source-digest"));
        });

        // The events of one attempt are in one partition, in the file's order.
        Assert.All(records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key!)), attempt =>
        {
            Assert.Single(attempt.DistinctBy(record => record.Partition));
            Assert.Equal(attempt.Select(Index).Order(), attempt.Select(Index));
        });
    }

    [Fact]
    public async Task A_topic_that_publish_creates_keeps_its_events_for_ever()
    {
        var servers = await broker.AddressAsync();
        var name = $"kept-{Guid.NewGuid():n}";
        Assert.Equal(0, (await WorkerProcess.PublishAsync(servers, name, File("one.json", """{"keen_id":"k","user_exam_id":"a"}"""))).ExitCode);

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        var settings = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = name }]);
        Assert.Equal("-1", Assert.Single(settings).Entries["retention.ms"].Value);
    }

    [Fact]
    public async Task What_is_no_event_is_published_with_its_reason_and_told_with_its_place()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var large = $$"""{"keen_id":"large","user_exam_id":"large","more":"{{new string('x', 1_500_000)}}"}""";
        var file = File("mixed.ndjson", $$"""
            {"keen_id":"k1","user_exam_id":"a1"}
            this is not JSON
            {"keen_id":"k2"}
            {{large}}
            {"keen_id":"k3","user_exam_id":"a3"}
            {"keen_id":"k4","user_ex
            """);

        var (exitCode, output, error) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, file);

        Assert.Equal(1, exitCode);
        Assert.Contains("2 events published, 4 faulty", output, StringComparison.Ordinal);
        var lines = error.TrimEnd().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal($"{file}: line 2, byte 37: What stands here is not a JSON value.", lines[0]);
        Assert.Equal($"{file}: line 3, byte 54: user_exam_id is missing.", lines[1]);
        var faulty = topic.ReadAll().Where(record => record.Message.Headers.TryGetLastBytes("dead-letter-reason", out _)).OrderBy(Index).ToList();
        Assert.Equal(4, faulty.Count);
        Assert.All(faulty, record => Assert.Null(record.Message.Key));
        Assert.All(topic.ReadAll(), record => Assert.Equal("mixed.ndjson", Header(record, "source-file")));
        Assert.Equal(["2", "3", "4", "6"], faulty.Select(record => Header(record, "source-line")));
        Assert.Equal(("this is not JSON", "37"), (Value(faulty[0]), Header(faulty[0], "source-offset")));
        Assert.Equal(large[..(512 * 1024)], Value(faulty[2]));
        Assert.Equal(large.Length.ToString(CultureInfo.InvariantCulture), Header(faulty[2], "source-bytes"));
    }

    [Fact]
    public async Task Once_publishes_what_a_killed_run_left_out_and_nothing_twice()
    {
        using var load = Load.Write(attempts: 20_000, seed: 21);
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await using (var killed = WorkerProcess.Publish(topic.Servers, topic.Name, load.Path))
        {
            await BeginsAsync(topic);
            await killed.KillAsync();
        }

        var before = topic.ReadAll().Count;
        Assert.InRange(before, 1, load.Counts.Events - 1);
        var second = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, "--once", load.Path);
        var third = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, "--once", load.Path);

        Assert.Contains(Numbers($"{load.Counts.Events - before:N0} events published, 0 faulty, {before:N0} skipped as published before, in "), second.Output,
            StringComparison.Ordinal);
        Assert.Contains(Numbers($"0 events published, 0 faulty, {load.Counts.Events:N0} skipped as published before, in "), third.Output,
            StringComparison.Ordinal);
        var indexes = topic.ReadAll().Select(Index).Order().ToList();
        Assert.Equal(Enumerable.Range(0, (int)load.Counts.Events), indexes);
    }

    [Fact]
    public async Task Once_knows_what_was_published_when_the_topic_had_fewer_partitions()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 2);
        var all = Enumerable.Range(0, 100).Select(i => $$"""{"keen_id":"k{{i}}","user_exam_id":"a{{i}}"}""").Append("no event").ToArray();
        var file = File("grown.ndjson", string.Join('\n', all));
        await WorkerProcess.PublishAsync(topic.Servers, topic.Name, file);
        await topic.GrowAsync(5);

        var (exitCode, output, _) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, "--once", file);

        Assert.Equal(1, exitCode);
        Assert.Contains("0 events published, 1 faulty, 101 skipped", output, StringComparison.Ordinal);
        Assert.Equal(101, topic.ReadAll().Count);
    }

    [Fact]
    public async Task Standard_input_is_published_as_a_file_is()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());

        var (exitCode, output, _) = await WorkerProcess.RunAsync(
            ["publish", "-", "--topic", topic.Name], """{"keen_id":"k","user_exam_id":"a"}""", ("ConnectionStrings__kafka", topic.Servers));

        Assert.Equal(0, exitCode);
        Assert.StartsWith("standard input: 1 events published, 0 faulty, in ", output, StringComparison.Ordinal);
        Assert.Equal("a", Encoding.UTF8.GetString(Assert.Single(topic.ReadAll()).Message.Key!));
    }

    [Theory]
    [InlineData("Required argument 'FILE' missing", "publish")]
    [InlineData("there is no such file", "publish", "/no/such/file")]
    [InlineData("--once can't be used with standard input", "publish", "--once", "-")]
    [InlineData("--topic must be a Kafka topic name", "publish", "--topic", "a/b", "-")]
    public async Task A_wrong_call_is_told_in_one_sentence(string sentence, params string[] arguments)
    {
        var (exitCode, _, error) = await WorkerProcess.RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.Contains(sentence, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ingest:BatchMessages must be", "Ingest__BatchMessages", "0")]
    [InlineData("Ingest:Topic must be a Kafka topic name", "Ingest__Topic", "a b")]
    [InlineData("Ingest:BatchWait", "Ingest__BatchWait", "soon")]
    [InlineData("ConnectionStrings:activity is not set", "ConnectionStrings__activity", "")]
    public async Task A_wrong_setting_of_ingest_is_told_in_one_sentence(string sentence, string name, string value)
    {
        var (exitCode, _, error) = await WorkerProcess.RunAsync(
            [], null, ("ConnectionStrings__kafka", "127.0.0.1:1"), ("ConnectionStrings__activity", "Host=127.0.0.1;Port=1"), (name, value));

        Assert.Equal(2, exitCode);
        Assert.Contains(sentence, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kafka_that_can_not_be_reached_is_told_with_its_address()
    {
        var file = File("one.json", """{"keen_id":"k","user_exam_id":"a"}""");

        var (exitCode, _, error) = await WorkerProcess.PublishAsync("127.0.0.1:1", "t", file);

        Assert.Equal(3, exitCode);
        Assert.StartsWith("Kafka at 127.0.0.1:1 did not take the events: ", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string File(string name, string text)
    {
        var path = _folder.In(name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Waits for the first message on a topic.</summary>
    private static async Task BeginsAsync(Topic topic)
    {
        var deadline = Deadline.Token;
        var config = new ConsumerConfig { BootstrapServers = topic.Servers, GroupId = "tests", EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(topic.Name, partition, Offset.Beginning)));
        await Task.Run(() => consumer.Consume(deadline), deadline);
    }

    private static string Numbers(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Value(ConsumeResult<byte[]?, byte[]?> record) => Encoding.UTF8.GetString(record.Message.Value!);

    private static string Header(ConsumeResult<byte[]?, byte[]?> record, string name) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name));

    private static int Index(ConsumeResult<byte[]?, byte[]?> record) =>
        (int)BinaryPrimitives.ReadInt64BigEndian(record.Message.Headers.GetLastBytes("source-index"));

    [GeneratedRegex(@"^.+: 50 events published, 0 faulty, in \d+\.\d s \([\d,]+ events/s\)\n$")]
    private static partial Regex ClosingLine();
}
