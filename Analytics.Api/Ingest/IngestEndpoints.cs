using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;
using Publishing;

namespace Analytics.Api.Ingest;

/// <summary>How far ingest has come.</summary>
internal static class IngestEndpoints
{
    // A topic made anew has another id: only the one in use counts, by Kafka's word or else the one written last.
    private const string Sql = """
        select partition, next_offset, messages, dead_letters, altered_redeliveries, topic_id,
          extract(epoch from clock_timestamp() - record_at)::float8 record_age
        from ingest_partitions
        where topic = $1 and topic_id = coalesce($2,
          (select topic_id from ingest_partitions where topic = $1 order by updated_at desc limit 1))
        order by partition
        """;

    private static readonly IngestProgress Example = new(
        "assessment-attempts", 3280, 3280, 0, 0, 0, 0, 3280, 0, 0,
        [
            new("assessment-attempts", 0, 1102, 1102, 0, 0, 0, 1102, 0, 0),
            new("assessment-attempts", 1, 1087, 1087, 0, 0, 0, 1087, 0, 0),
            new("assessment-attempts", 2, 1091, 1091, 0, 0, 0, 1091, 0, 0),
        ]);

    public static void MapIngest(this IEndpointRouteBuilder api) =>
        api.MapGet("/ingest", GetIngestAsync)
            .WithName("GetIngest")
            .WithTags("Ingest")
            .WithSummary("How far ingest has come")
            .WithDescription("Per partition and in all: where the topic ends on Kafka (at most a second old, null where Kafka does not answer within two), "
                + "the offset that comes next, the lag between them in records and in seconds, records per second, the time that is left at that rate, dead "
                + "letters, altered redeliveries.")
            .TakesNoFilter("ingest is told of the whole topic")
            .WithExample(Example, AnalyticsJson.Default.IngestProgress)
            .InShapes((IngestProgress progress) => progress.Partitions, AnalyticsJson.Default.PartitionProgress);

    private static async Task<Ok<IngestProgress>> GetIngestAsync(
        HttpContext context, NpgsqlDataSource database, TopicEnds topicEnds, IngestRates rates, IOptions<TopicOptions> options,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await ReadAsync(database, topicEnds, rates, options, cancellationToken));
    }

    /// <summary>How far ingest has come now.</summary>
    public static async Task<IngestProgress> ReadAsync(
        NpgsqlDataSource database, TopicEnds topicEnds, IngestRates rates, IOptions<TopicOptions> options, CancellationToken cancellationToken)
    {
        var topic = options.Value.Topic;
        var end = await topicEnds.GetAsync(cancellationToken);
        var partitions = await ReadPartitionsAsync(database, rates, topic, end, cancellationToken);
        var reason = end.Reason ?? partitions.FirstOrDefault(partition => partition.EndOffset is null)?.EndOffsetReason;
        var rateReason = partitions.FirstOrDefault(partition => partition.Rate is null)?.RateReason;
        var lag = reason is null ? partitions.Sum(partition => partition.Lag) : null;
        var rate = rateReason is null ? partitions.Sum(partition => partition.Rate) : null;
        return new IngestProgress(
            topic,
            reason is null ? partitions.Sum(partition => partition.EndOffset) : null,
            partitions.Sum(partition => partition.NextOffset),
            lag,
            partitions.Exists(partition => partition.LagSeconds is null) ? null : partitions.Select(partition => partition.LagSeconds).DefaultIfEmpty(0).Max(),
            rate,
            lag is 0 ? 0 : rate > 0 ? lag / rate : null,
            partitions.Sum(partition => partition.Messages),
            partitions.Sum(partition => partition.DeadLetters),
            partitions.Sum(partition => partition.AlteredRedeliveries),
            partitions,
            reason,
            rateReason);
    }

    private static async Task<List<PartitionProgress>> ReadPartitionsAsync(
        NpgsqlDataSource database, IngestRates rates, string topic, TopicEnd end, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = end.TopicId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new SortedDictionary<int, PartitionProgress>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var partition = reader.Get<int>("partition");
            places[partition] = Progress(
                topic, partition, end, reader.Get<long>("next_offset"), reader.Get<double?>("record_age"),
                rates.RateOf(reader.Get<string>("topic_id"), partition),
                reader.Get<long>("messages"), reader.Get<long>("dead_letters"), reader.Get<long>("altered_redeliveries"));
        }

        // What Kafka has and no worker has reached yet stands at its beginning.
        foreach (var partition in end.EndOffsets.Keys.Except(places.Keys).ToArray())
        {
            places[partition] = Progress(topic, partition, end, 0, null, 0, 0, 0, 0);
        }

        return [.. places.Values];
    }

    private static PartitionProgress Progress(
        string topic, int partition, TopicEnd end, long nextOffset, double? recordAge, double? rate, long messages, long deadLetters, long alteredRedeliveries)
    {
        long? endOffset = end.EndOffsets.TryGetValue(partition, out var known) ? known : null;
        long? lag = endOffset is { } ends ? Math.Max(0, ends - nextOffset) : null;
        return new PartitionProgress(
            topic, partition, endOffset, nextOffset, lag, lag is null ? null : lag is 0 ? 0 : recordAge is { } age ? Math.Max(0, age) : null, rate,
            messages, deadLetters, alteredRedeliveries,
            endOffset is null ? end.Reason ?? "Kafka's topic has no such partition." : null,
            rate is null ? IngestRates.TooEarly : null);
    }
}
