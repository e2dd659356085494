using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using Ingest.Worker.Merge;

namespace Ingest.Worker.Consume;

/// <summary>The default verb: a service with health endpoints that ingests until it is stopped.</summary>
internal static class IngestHost
{
    public const string DatabaseName = "activity";
    public const string KafkaName = "kafka";

    /// <summary>What sessions of workers are called in PostgreSQL, unless the connection string says otherwise.</summary>
    public const string ApplicationName = "ingest-worker";

    /// <summary>Runs the service.</summary>
    /// <returns>0 after a stop that was asked for, 2 for a wrong setting, 1 if it can't go on.</returns>
    public static async Task<int> RunAsync(CancellationToken stopping)
    {
        try
        {
            await using var app = Build();
            await app.RunAsync(stopping);
            return Environment.ExitCode;
        }
        catch (Exception exception) when (SentenceOf(exception) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 2;
        }
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0"); // Two workers on one machine must not ask for the same port.
        }

        builder.Logging.AddFilter("Npgsql", LogLevel.Warning); // Its spans tell the rest.
        builder.AddServiceDefaults();
        RequireConnectionString(builder.Configuration, KafkaName, "host:port of a Kafka broker");
        RequireConnectionString(builder.Configuration, DatabaseName, "a PostgreSQL connection string");
        var options = IngestOptions.Read(builder.Configuration);

        builder.AddNpgsqlDataSource(DatabaseName, configureDataSourceBuilder: database =>
        {
            database.ConnectionStringBuilder.ApplicationName ??= ApplicationName;
            database.ConnectionStringBuilder.MaxAutoPrepare = 50;
            database.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
            database.ConnectionStringBuilder.CommandTimeout = 300;
            database.ConnectionStringBuilder.WriteBufferSize = 64 * 1024;
        });
        var rebalance = new Rebalance();
        builder.AddKafkaConsumer<byte[]?, byte[]?>(KafkaName, settings =>
        {
            settings.DisableHealthChecks = true; // It would write to a topic of its own; the reader has its own check.
            settings.DisableTracing = true; // A span per message would drown the batches'.
            settings.DisableMetrics = true; // The reader counts what is committed.
            settings.Config.GroupId = options.Group;
            settings.Config.AutoOffsetReset = AutoOffsetReset.Error; // Nothing is skipped silently: see TopicReader.TakeGap.
            settings.Config.EnableAutoOffsetStore = false; // Stored after the database's commit, then committed to Kafka in the background.
            settings.Config.AutoCommitIntervalMs = 1000;

            // A killed worker's partitions are given to another as soon as Kafka allows by default; the epoch fences off one that only slept.
            settings.Config.SessionTimeoutMs = (int)FrozenPeers.Silence.TotalMilliseconds;
            settings.Config.HeartbeatIntervalMs = 2000;
            settings.Config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            settings.Config.TopicMetadataRefreshIntervalMs = 10_000;

            // Kafka counts compressed bytes; a fetch of them is many times as large in memory.
            settings.Config.QueuedMaxMessagesKbytes = 16 * 1024;
            settings.Config.MaxPartitionFetchBytes = 256 * 1024;
            settings.Config.FetchMaxBytes = 2 * 1024 * 1024;
            settings.Config.ReconnectBackoffMs = 500; // librdkafka logs every attempt.
        }, rebalance.AddTo);

        builder.AddKeyedKafkaConsumer<byte[]?, byte[]?>(KafkaName, settings =>
        {
            settings.DisableHealthChecks = true;
            settings.DisableTracing = true;
            settings.DisableMetrics = true;
            settings.Config.GroupId = options.Group; // Asked for by the client; this consumer joins nothing.
            settings.Config.AutoOffsetReset = AutoOffsetReset.Error;
            settings.Config.EnableAutoCommit = false;
            settings.Config.EnablePartitionEof = true; // What was compacted away at the end of a log ends the wait.
            settings.Config.FetchWaitMaxMs = 10; // The next place is asked for as soon as the last was read.
            settings.Config.ReconnectBackoffMs = 500;
        });
        builder.Services.AddSingleton(services => new EarlierRecords(() => services.GetRequiredKeyedService<IConsumer<byte[]?, byte[]?>>(KafkaName)));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(rebalance);
        builder.Services.AddSingleton<IngestHealth>();
        builder.Services.AddSingleton<FrozenPeers>();
        builder.Services.AddSingleton<LogHistory>();
        builder.Services.AddSingleton<TopicReader>();
        builder.Services.AddSingleton<BatchWriter>();
        builder.Services.AddHostedService<IngestService>();
        builder.Services.AddHostedService<LagWatch>();
        builder.Services.AddHealthChecks()
            .AddCheck<ReaderAlive>("reading", tags: ["live"])
            .AddCheck<ReaderReady>("assigned");

        var app = builder.Build();
        app.MapDefaultEndpoints();
        return app;
    }

    private static void RequireConnectionString(IConfiguration configuration, string name, string what)
    {
        if (string.IsNullOrWhiteSpace(configuration.GetConnectionString(name)))
        {
            throw new ValidationException($"ConnectionStrings:{name} is not set: give it {what} (environment: ConnectionStrings__{name}).");
        }
    }

    /// <summary>The sentence for a setting that is wrong; null for every other failure.</summary>
    private static string? SentenceOf(Exception exception) => exception switch
    {
        ValidationException wrong => wrong.Message,
        InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException } wrong => wrong.Message,
        _ => null,
    };
}
