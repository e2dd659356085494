using Npgsql;

namespace Analytics.Tests.Analytics.Api;

public sealed class IngestTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task Without_Kafka_the_places_are_told_and_the_lag_is_null_with_its_reason()
    {
        var ingest = await world.Api.GetAsync("/api/ingest");

        Assert.Equal("assessment-attempts", (string)ingest["topic"]!);
        Assert.Equal(12, (long)ingest["nextOffset"]!);
        Assert.Equal(11, (long)ingest["messages"]!);
        Assert.Equal(1, (long)ingest["deadLetters"]!);
        Assert.Null(ingest["endOffset"]);
        Assert.Null(ingest["lag"]);
        Assert.StartsWith("Kafka does not answer", (string)ingest["endOffsetReason"]!, StringComparison.Ordinal);
        var partitions = ingest["partitions"]!.AsArray();
        Assert.Equal([0, 1], partitions.Select(partition => (int)partition!["partition"]!));
        Assert.Equal([7, 5], partitions.Select(partition => (long)partition!["nextOffset"]!));
        Assert.Equal([1, 0], partitions.Select(partition => (long)partition!["deadLetters"]!));
    }

    [Fact]
    public async Task Of_a_topic_made_anew_only_the_new_one_counts()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync("""
            insert into ingest_partitions (topic, topic_id, partition, next_offset, updated_at) values
              ('assessment-attempts', 'old', 0, 100, '2018-01-01'), ('assessment-attempts', 'new', 0, 3, '2018-01-02'), ('other', 'x', 0, 1000, '2018-01-03')
            """);

        Assert.Equal(3, (long)(await api.GetAsync("/api/ingest"))["nextOffset"]!);
    }

    [Fact]
    public async Task The_rate_appears_once_the_place_has_been_watched_moving()
    {
        var cancel = TestContext.Current.CancellationToken;
        var database = await world.CreateDatabaseAsync();
        await using var api = new ApiServer(database);
        await using var source = NpgsqlDataSource.Create(database);
        await api.ExecuteAsync("insert into ingest_partitions (topic, topic_id, partition) values ('assessment-attempts', 'T', 0)");

        // The worker of this test advances with every question until the answer shows it.
        double? rate = null;
        for (var offset = 1; rate is null or 0; offset++)
        {
            await api.ExecuteAsync($"update ingest_partitions set next_offset = {offset}");
            rate = (double?)(await api.GetAsync("/api/ingest"))["rate"];
            cancel.ThrowIfCancellationRequested();
        }

        Assert.True(rate > 0);
    }
}
