using System.CommandLine;
using System.Globalization;
using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Consume;
using Ingest.Worker.Merge;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Ingest.Worker.Maintenance;

/// <summary>
/// The verb <c>rebuild</c>: reads the topic from its beginning into fresh tables beside those in use, and puts them in their place at once. Answers and workers
/// go on until then; workers see by their claims that they are of other tables, and claim anew.
/// </summary>
internal static class RebuildCommand
{
    // Any constant will do as long as all processes share it.
    private const long Lock = 0x52656275696C64;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(2);

    public static Command Create() => MaintenanceVerb.Create(
        "rebuild", "Reads the topic from its beginning into fresh tables, which then take the place of those in use; answers and workers go on.", RunAsync);

    private static async Task<int> RunAsync(Servers servers, CancellationToken cancellationToken)
    {
        await DatabaseSchema.MigrateAsync(servers.Database, cancellationToken);
        await using var database = servers.OpenDatabase();
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        if (!await ScalarAsync<bool>(session, "select pg_try_advisory_lock($1)", Lock, cancellationToken))
        {
            return await RefuseAsync("Another rebuild of these tables is under way: wait until it has ended.");
        }

        using var topic = new TopicScan(servers);
        if (await MissingAsync(session, topic, servers, cancellationToken) is { } missing)
        {
            return await RefuseAsync(missing);
        }

        await FreshTables.ClearAsync(database, cancellationToken);
        await FreshTables.CreateAsync(database, servers.Database, cancellationToken);
        await using var fresh = servers.OpenDatabase(FreshTables.Schema);
        using var consumer = servers.OpenTopic();
        using var other = servers.OpenTopic();
        var rebuild = new Rebuild(servers, database, fresh, topic, consumer, new EarlierRecords(() => other));
        var records = await rebuild.RunAsync(cancellationToken);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"The tables are rebuilt from {records:N0} records of {servers.Topic}."));
        return MaintenanceVerb.Done;
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return MaintenanceVerb.Failed;
    }

    /// <summary>A sentence if the topic can't give back what the tables have; else null.</summary>
    private static async Task<string?> MissingAsync(NpgsqlConnection session, TopicScan topic, Servers servers, CancellationToken cancellationToken)
    {
        if (await topic.TopicIdAsync() is not { } id)
        {
            return $"Kafka has no topic {servers.Topic}: the tables are all there is, and stay.";
        }

        const string OthersSql = "select coalesce(sum(messages), 0)::bigint from ingest_partitions where topic_id <> $1";
        if (await ScalarAsync<long>(session, OthersSql, id, cancellationToken) is > 0 and var others)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{others:N0} messages in the tables are of another topic, or of before {servers.Topic} was made anew: they can't be read again, so the tables stay.");
        }

        foreach (var partition in topic.Partitions())
        {
            if (topic.BeginningOf(partition) is > 0 and var beginning)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Partition {partition} of {servers.Topic} begins at offset {beginning}: what stood before can't be read again, so the tables stay.");
            }
        }

        return null;
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, object value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>One rebuild.</summary>
    private sealed class Rebuild(
        Servers servers, NpgsqlDataSource database, NpgsqlDataSource fresh, TopicScan topic, IConsumer<byte[]?, byte[]?> consumer, EarlierRecords records)
    {
        private readonly FrozenPeers _frozen = new(database, TimeProvider.System, NullLogger<FrozenPeers>.Instance);

        /// <returns>How many records the tables are made of.</returns>
        public async Task<long> RunAsync(CancellationToken cancellationToken)
        {
            var options = new IngestOptions { Topic = servers.Topic };
            using var logs = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
            var writer = new BatchWriter(
                fresh, records, new FrozenPeers(fresh, TimeProvider.System, NullLogger<FrozenPeers>.Instance), new IngestHealth(TimeProvider.System), options,
                TimeProvider.System, logs.CreateLogger<BatchWriter>());
            var topicId = await topic.TopicIdAsync() ?? "";
            var reader = new RebuildReader(consumer, writer, options);
            await TellWhileAsync(reader, ReadToAsync(reader, topicId, Ends(), cancellationToken));
            while (!await TrySwapAsync(reader, topicId, cancellationToken))
            {
                await Console.Out.WriteLineAsync("A statement that runs for long holds the tables: the fresh ones go on being filled until it ends.");
                await Task.Delay(Pause, cancellationToken);
            }

            return reader.Written;
        }

        /// <summary>Reads on, from their beginnings in partitions that the topic got meanwhile.</summary>
        private async Task ReadToAsync(RebuildReader reader, string topicId, Dictionary<int, long> ends, CancellationToken cancellationToken)
        {
            int[] more = [.. ends.Keys.Except(reader.Partitions)];
            if (more.Length > 0)
            {
                reader.Add(await PartitionPlaces.ClaimAsync(fresh, servers.Topic, topicId, more, "", "rebuild", cancellationToken));
            }

            await reader.ReadToAsync(ends, cancellationToken);
        }

        private Dictionary<int, long> Ends() => topic.Partitions().ToDictionary(partition => partition, topic.EndOf);

        private async Task TellWhileAsync(RebuildReader reader, Task reading)
        {
            var (started, end) = (TimeProvider.System.GetTimestamp(), Ends().Values.Sum());
            while (!reading.IsCompleted)
            {
                await reading.WaitAsync(Often).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                var rate = Math.Max(1, reader.Written / TimeProvider.System.GetElapsedTime(started).TotalSeconds);
                var left = Math.Max(0, end - reader.Written) / rate;
                await Console.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{reader.Written:N0} of {end:N0} records, {rate:N0} a second, about {left:N0} s left."));
            }

            await reading;
        }

        /// <summary>Reads on to where the workers are, while they wait, and puts the fresh tables in the place of theirs.</summary>
        /// <returns>False if a statement holds them.</returns>
        private async Task<bool> TrySwapAsync(RebuildReader reader, string topicId, CancellationToken cancellationToken)
        {
            await ReadToAsync(reader, topicId, await PlacesAsync(topicId, cancellationToken), cancellationToken);
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                await _frozen.EndWhileAsync(
                    async () =>
                    {
                        await using var wait = new NpgsqlCommand("lock table public.erasures in exclusive mode", connection);
                        return await wait.ExecuteNonQueryAsync(cancellationToken);
                    },
                    cancellationToken);
                await ReadToAsync(reader, topicId, await PlacesAsync(topicId, cancellationToken), cancellationToken);
                await EraseAsync(cancellationToken);
                await KeptLetters.ReconcileAsync(connection, cancellationToken);
                await FreshTables.TakePlaceAsync(connection, cancellationToken);
                await using var notify = new NpgsqlCommand($"notify {DatabaseSchema.ChangesChannel}", connection);
                await notify.ExecuteNonQueryAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            }
            catch (PostgresException held) when (held.SqlState
                is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.AdminShutdown)
            {
                return false; // The last: a worker took this session for one that is frozen.
            }
        }

        /// <summary>Where the workers are; of a log that was cut its end.</summary>
        private async Task<Dictionary<int, long>> PlacesAsync(string topicId, CancellationToken cancellationToken)
        {
            await using var find = database.CreateCommand("select partition, next_offset from ingest_partitions where topic = $1 and topic_id = $2");
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = servers.Topic });
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topicId });
            var places = new Dictionary<int, long>();
            await using var row = await find.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                places.Add(row.GetInt32(0), Math.Min(row.GetInt64(1), topic.EndOf(row.GetInt32(0))));
            }

            return places;
        }

        /// <summary>Takes out of the fresh tables who was erased since the rebuild began.</summary>
        private async Task EraseAsync(CancellationToken cancellationToken)
        {
            await using (var copy = fresh.CreateCommand(FreshTables.CopyMarksSql))
            {
                if (await copy.ExecuteNonQueryAsync(cancellationToken) == 0)
                {
                    return;
                }
            }

            var marks = new ErasureMarks();
            await using (var connection = await fresh.OpenConnectionAsync(cancellationToken))
            {
                await marks.ReadAsync(connection, cancellationToken);
            }

            var erased = await MarkedRows.FindAsync(fresh, marks, cancellationToken);
            await new BatchMerge(fresh, new Dimensions(), records, marks).EraseAsync(erased, cancellationToken);
        }
    }
}
