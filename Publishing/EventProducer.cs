using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;

namespace Publishing;

/// <summary>
/// The application's connection for writing to the topic. An idempotent producer that Kafka has lost count of never works again: it is replaced,
/// so that only what was under way then has to be sent again.
/// </summary>
public sealed class EventProducer : IDisposable
{
    private static readonly TimeSpan LongestDelivery = TimeSpan.FromMinutes(2);
    private readonly Lock _lock = new();
    private readonly Func<IProducer<byte[]?, byte[]>> _create;
    private IProducer<byte[]?, byte[]> _current;

    private EventProducer(IProducer<byte[]?, byte[]> first, Func<IProducer<byte[]?, byte[]>> create)
    {
        _current = first;
        _create = create;
    }

    /// <summary>The connection in use now; another after a failure that it could not go on from.</summary>
    public Handle Handle => Current.Handle;

    /// <summary>How often the connection was replaced.</summary>
    public int Replacements { get; private set; }

    internal IProducer<byte[]?, byte[]> Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <summary>
    /// Registers the producer as the topic's contract wants it: idempotent, acknowledged by all replicas, and partitioned by Java's hash of the key,
    /// so that every publisher puts an attempt's events into the same partition.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">The name of Kafka's connection string.</param>
    /// <param name="patience">How long a message may wait for Kafka's acknowledgement.</param>
    /// <param name="servers">HOST:PORT in place of the connection string's.</param>
    public static void Add(IHostApplicationBuilder builder, string connectionName, TimeSpan patience, string? servers = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ProducerBuilder<byte[]?, byte[]>? producers = null;
        builder.AddKafkaProducer<byte[]?, byte[]>(
            connectionName,
            settings =>
            {
                settings.ConnectionString = servers ?? settings.ConnectionString;
                settings.DisableHealthChecks = true; // It would write to a topic of its own.
                settings.DisableTracing = true; // A span for some hundreds of messages, not for each: see SendSpans.
                settings.DisableMetrics = true;
                Configure(settings, patience);
            },
            created => producers = created);
        builder.Services.AddSingleton(services => new EventProducer(services.GetRequiredService<IProducer<byte[]?, byte[]>>(), () => producers!.Build()));
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddSource(SendSpans.SourceName));
    }

    /// <summary>Ends the connection in use.</summary>
    public void Dispose() => Current.Dispose();

    /// <summary>Whether a producer that met this error never delivers again.</summary>
    internal static bool IsLast(Error error) => error.IsFatal || error.Code is ErrorCode.Local_Fatal
        or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch or ErrorCode.InvalidProducerIdMapping;

    /// <summary>Puts a new producer in the place of a broken one, which ends once Kafka has answered for all that it was given.</summary>
    internal void Replace(IProducer<byte[]?, byte[]> broken)
    {
        lock (_lock)
        {
            if (_current != broken)
            {
                return;
            }

            _current = _create();
            Replacements++;
        }

        Task.Run(() =>
        {
            broken.Flush(LongestDelivery);
            broken.Dispose();
        });
    }

    private static void Configure(KafkaProducerSettings settings, TimeSpan patience)
    {
        var config = settings.Config;
        config.EnableIdempotence = true;
        config.Acks = Acks.All;
        config.Partitioner = Partitioner.Murmur2Random;
        config.MessageMaxBytes = 1_048_576; // The largest event, its key and its headers.
        config.DeliveryReportFields = "none"; // A report still says whether it failed.
        config.CompressionType ??= CompressionType.Zstd;
        config.LingerMs ??= 5;
        config.MessageTimeoutMs ??= (int)patience.TotalMilliseconds;
        config.QueueBufferingMaxMessages ??= 50_000;
        config.QueueBufferingMaxKbytes ??= 64 * 1024;
        config.ReconnectBackoffMs ??= 500; // librdkafka logs every attempt.
    }
}
