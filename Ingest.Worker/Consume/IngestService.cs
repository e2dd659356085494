using System.Threading.Channels;
using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Ingest.Worker.Merge;
using Npgsql;
using Polly;

namespace Ingest.Worker.Consume;

/// <summary>
/// Ingest from start to end: the schema, the topic, then a reader and a writer side by side. One batch is in the database, one waits, one is being read:
/// that is all the memory it takes.
/// </summary>
internal sealed partial class IngestService(
    TopicReader reader, BatchWriter writer, IConfiguration configuration, IngestOptions options, IngestHealth health,
    TimeProvider time, IHostApplicationLifetime application, ILogger<IngestService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await UntilItWorksAsync(
            "PostgreSQL", () => DatabaseSchema.MigrateAsync(configuration.GetConnectionString(IngestHost.DatabaseName)!, stoppingToken), stoppingToken);
        await UntilItWorksAsync("Kafka", reader.EnsureTopicAsync, stoppingToken);
        IngestMetrics.Observe(options.Topic, options.Group, reader.Lags);

        var batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var reading = Task.Factory.StartNew(
            () => reader.Run(batches.Writer, either.Token), either.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var writing = writer.RunAsync(batches.Reader, reader.Committed, either.Token);
        await Task.WhenAny(reading, writing);
        Environment.ExitCode = stoppingToken.IsCancellationRequested ? 0 : 1;
        await either.CancelAsync();
        try
        {
            await Task.WhenAll(reading, writing);
        }
        catch (OtherGroupException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            Environment.ExitCode = 2;
            application.StopApplication();
        }
    }

    private async Task UntilItWorksAsync(string server, Func<Task> action, CancellationToken cancellationToken)
    {
        var retries = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddPatience(
                failed => failed is NpgsqlException or KafkaException or InvalidOperationException or IOException or TimeoutException,
                (failed, pause) => LogWaits(server, failed.Message, pause.TotalSeconds))
            .Build();
        await retries.ExecuteAsync(
            async _ =>
            {
                health.Beat();
                // One trace for all statements: each would be a trace of its own.
                using var activity = Telemetry.Activities.StartActivity($"prepare {server}");
                await action();
            },
            cancellationToken);
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Server} is not ready ({Reason}): the next attempt is in {Seconds} s.")]
    private partial void LogWaits(string server, string reason, double seconds);
}
