using System.CommandLine;
using Confluent.Kafka;
using Ingest.Worker.Consume;
using Npgsql;
using Publishing;

namespace Ingest.Worker.Maintenance;

/// <summary>What the verbs that look after the tables have in common: both servers, by the worker's own settings, and sentences for a person.</summary>
internal static class MaintenanceVerb
{
    public const int Done = 0;
    public const int Failed = 1;
    private const int WrongSetting = 2;

    /// <summary>Makes a verb.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="runAsync">Does it; returns the exit code.</param>
    public static Command Create(string name, string description, Func<Servers, CancellationToken, Task<int>> runAsync)
    {
        var command = new Command(name, description);
        command.SetAction((_, cancellationToken) => RunAsync(runAsync, cancellationToken));
        return command;
    }

    /// <summary>Makes a verb with an argument.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="runAsync">Does it; returns the exit code.</param>
    public static Command Create<T>(string name, string description, Argument<T> argument, Func<Servers, T, CancellationToken, Task<int>> runAsync)
    {
        var command = new Command(name, description) { argument };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync((servers, stopping) => runAsync(servers, parsed.GetRequiredValue(argument), stopping), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Func<Servers, CancellationToken, Task<int>> runAsync, CancellationToken cancellationToken)
    {
        var configuration = Host.CreateApplicationBuilder().Configuration;
        var topic = configuration[$"{TopicOptions.Section}:{nameof(TopicOptions.Topic)}"] ?? TopicOptions.DefaultTopic;
        foreach (var name in (string[])[IngestHost.KafkaName, IngestHost.DatabaseName])
        {
            if (string.IsNullOrWhiteSpace(configuration.GetConnectionString(name)))
            {
                await Console.Error.WriteLineAsync($"ConnectionStrings:{name} is not set (environment: ConnectionStrings__{name}).");
                return WrongSetting;
            }
        }

        try
        {
            var (kafka, database) = (configuration.GetConnectionString(IngestHost.KafkaName)!, configuration.GetConnectionString(IngestHost.DatabaseName)!);
            return await runAsync(new Servers(kafka, database, topic), cancellationToken);
        }
        catch (KafkaException exception)
        {
            await Console.Error.WriteLineAsync($"Kafka does not answer as it should: {exception.Error.Reason}.");
            return Failed;
        }
        catch (InvalidOperationException exception) when (exception.InnerException is NpgsqlException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Failed;
        }
        catch (NpgsqlException exception)
        {
            await Console.Error.WriteLineAsync($"PostgreSQL does not answer as it should: {exception.Message}");
            return Failed;
        }
    }
}

/// <summary>Where the events and the tables are.</summary>
/// <param name="Kafka">Bootstrap servers.</param>
/// <param name="Database">Npgsql's connection string.</param>
/// <param name="Topic">The topic's name.</param>
internal sealed record Servers(string Kafka, string Database, string Topic)
{
    /// <summary>Connections to the database that workers take for those of one of them.</summary>
    /// <param name="schema">Where tables are looked for before the schema public.</param>
    public NpgsqlDataSource OpenDatabase(string? schema = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(Database) { CommandTimeout = 0 };
        connection.ApplicationName ??= IngestHost.ApplicationName;
        connection.SearchPath = schema is null ? connection.SearchPath : $"{schema},public";
        return NpgsqlDataSource.Create(connection);
    }

    /// <summary>A consumer outside of any group, which tells the ends of partitions.</summary>
    public IConsumer<byte[]?, byte[]?> OpenTopic() => new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
    {
        BootstrapServers = Kafka,
        GroupId = "maintenance", // Asked for by the client, joined by nobody.
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest,
    }).SetLogHandler((_, _) => { }).Build();
}
