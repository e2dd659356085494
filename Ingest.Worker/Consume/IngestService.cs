using System.Threading.Channels;
using Assessments;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ingest.Worker.Consume;

/// <summary>
/// Ingest from start to end: the schema, the topic, then a reader and a writer side by side. One batch is in the database, one waits, one is being read:
/// that is all the memory it takes.
/// </summary>
internal sealed partial class IngestService(
    TopicReader reader, BatchWriter writer, IConfiguration configuration, IOptions<IngestOptions> options, IngestHealth health,
    TimeProvider time, ILogger<IngestService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await UntilItWorksAsync("PostgreSQL", () => DatabaseSchema.MigrateAsync(configuration.GetConnectionString(IngestHost.DatabaseName)!, stoppingToken), stoppingToken);
        await UntilItWorksAsync("Kafka", reader.EnsureTopicAsync, stoppingToken);
        IngestMetrics.Observe(options.Value.Topic, options.Value.Group, reader.Lags);

        var batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var reading = Task.Factory.StartNew(() => reader.Run(batches.Writer, either.Token), either.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var writing = writer.RunAsync(batches.Reader, reader.Committed, either.Token);
        await Task.WhenAny(reading, writing);
        Environment.ExitCode = stoppingToken.IsCancellationRequested ? 0 : 1;
        await either.CancelAsync();
        await Task.WhenAll(reading, writing);
    }

    private async Task UntilItWorksAsync(string server, Func<Task> action, CancellationToken cancellationToken)
    {
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause = pause < TimeSpan.FromSeconds(5) ? pause * 2 : pause)
        {
            health.Beat();
            try
            {
                await action();
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or KafkaException or InvalidOperationException or IOException or TimeoutException)
            {
                Waits(server, exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Server} is not ready ({Reason}): the next attempt is in {Seconds} s.")]
    private partial void Waits(string server, string reason, double seconds);
}
