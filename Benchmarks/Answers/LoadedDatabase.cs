using System.Diagnostics;
using System.Globalization;
using Assessments;
using Data.Generator;
using Native.Hosting;
using Npgsql;

namespace Benchmarks.Answers;

/// <summary>A database that the real worker has filled from a real topic.</summary>
/// <param name="ConnectionString">Where it is.</param>
/// <param name="Kafka">HOST:PORT of the broker.</param>
/// <param name="Topic">The topic that it was filled from.</param>
internal sealed record LoadedDatabase(string ConnectionString, string Kafka, string Topic)
{
    /// <summary>The data set of 3,242 attempts, and as many generated attempts besides as are asked for.</summary>
    public static async Task<LoadedDatabase> FillAsync(PostgresServer postgres, string kafka, long generated)
    {
        var database = await CreateAsync(postgres, kafka);
        var watch = Stopwatch.StartNew();
        await using (database.StartWorker())
        {
            await database.PublishAsync(DataSet.WriteGzip);
            if (generated > 0)
            {
                await database.PublishGeneratedAsync(generated, seed: 11, (int)Math.Max(1, generated / 4));
            }

            await database.CaughtUpAsync();
        }

        var attempts = (long)(await database.ScalarAsync("select count(*) from attempts"))!;
        var messages = Convert.ToInt64(await database.ScalarAsync("select sum(messages) from exam_totals"), CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{messages:N0} messages, {attempts:N0} attempts loaded in {watch.Elapsed.TotalSeconds:N1} s, "
            + $"{messages / watch.Elapsed.TotalSeconds:N0} a second."));
        await database.ScalarAsync("vacuum analyze");
        return database;
    }

    /// <summary>A database with empty tables, and the name of a topic that there is not yet.</summary>
    public static async Task<LoadedDatabase> CreateAsync(PostgresServer postgres, string kafka)
    {
        var connectionString = await postgres.CreateDatabaseAsync(CancellationToken.None);
        await DatabaseSchema.MigrateAsync(connectionString);
        return new LoadedDatabase(connectionString, kafka, $"attempts-{Guid.NewGuid():N}");
    }

    public Server StartWorker() => Server.Start(
        "Ingest.Worker", [],
        ("ConnectionStrings__kafka", Kafka), ("ConnectionStrings__activity", ConnectionString), ("Ingest__Topic", Topic), ("Ingest__Group", Topic),
        ("Logging__LogLevel__Default", "Warning"));

    public Task PublishGeneratedAsync(long attempts, ulong seed, int users, LoadOrder order = LoadOrder.ByDay) => PublishAsync(output =>
        LoadGenerator.Write(output, new LoadOptions { Attempts = attempts, Seed = seed, Users = users, Order = order }));

    /// <summary>Waits until everything on the topic is in the database; asked twice a second.</summary>
    public async Task CaughtUpAsync()
    {
        long published = 0;
        using (var consumer = new Confluent.Kafka.ConsumerBuilder<byte[], byte[]>(
            new Confluent.Kafka.ConsumerConfig { BootstrapServers = Kafka, GroupId = "benchmark" }).Build())
        using (var admin = new Confluent.Kafka.DependentAdminClientBuilder(consumer.Handle).Build())
        {
            foreach (var partition in admin.GetMetadata(Topic, TimeSpan.FromSeconds(30)).Topics[0].Partitions)
            {
                published += consumer.QueryWatermarkOffsets(new(Topic, partition.PartitionId), TimeSpan.FromSeconds(30)).High;
            }
        }

        while (Convert.ToInt64(await ScalarAsync("select coalesce(sum(next_offset), 0) from ingest_partitions"), CultureInfo.InvariantCulture) < published)
        {
            await Task.Delay(500);
        }
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync();
    }

    private async Task PublishAsync(Action<Stream> write)
    {
        await using var publisher = Server.Start("Ingest.Worker", ["publish", "-", "--bootstrap-servers", Kafka, "--topic", Topic]);
        await publisher.FeedAsync(input => Task.Run(() => write(input)));
    }
}
