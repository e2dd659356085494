using Analytics.Api.Database;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using Publishing;

namespace Analytics.Api.Ingest;

/// <summary>Samples the consumer's place once a second and keeps the last ten seconds, from which a rate can be told.</summary>
internal sealed class IngestRates(NpgsqlDataSource database, IOptions<TopicOptions> options, TimeProvider time) : BackgroundService
{
    public const string TooEarly = "The place in this partition has been watched for less than a second.";

    private const string Sql = "select topic_id, partition, next_offset from ingest_partitions where topic = $1";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<Sample> _samples = [];

    /// <summary>Records per second between the oldest and the newest sample; null before there are two of this partition.</summary>
    public double? RateOf(string topicId, int partition)
    {
        lock (_lock)
        {
            return _samples.TryPeek(out var oldest) && _samples.Last() is var newest && newest.At > oldest.At
                && oldest.NextOffsets.TryGetValue((topicId, partition), out var from)
                && newest.NextOffsets.TryGetValue((topicId, partition), out var to)
                    ? (to - from) / (newest.At - oldest.At).TotalSeconds
                    : null;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A span a second would drown the traces that a person looks for.
        using var quiet = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                Keep(await SampleAsync(stoppingToken));
            }
            catch (NpgsqlException)
            {
                // A database that is away is told by /health and every request; rates resume when it is back.
                Forget();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<Sample> SampleAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Value.Topic });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new Dictionary<(string, int), long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            places[(reader.Get<string>("topic_id"), reader.Get<int>("partition"))] = reader.Get<long>("next_offset");
        }

        return new Sample(time.GetUtcNow(), places);
    }

    private void Keep(Sample sample)
    {
        lock (_lock)
        {
            _samples.Enqueue(sample);
            while (sample.At - _samples.Peek().At > Window)
            {
                _samples.Dequeue();
            }
        }
    }

    private void Forget()
    {
        lock (_lock)
        {
            _samples.Clear();
        }
    }

    private sealed record Sample(DateTimeOffset At, IReadOnlyDictionary<(string TopicId, int Partition), long> NextOffsets);
}
