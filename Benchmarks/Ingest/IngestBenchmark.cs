using System.Diagnostics;
using System.Globalization;
using Benchmarks.Answers;
using Data.Generator;
using Native.Hosting;
using Npgsql;

namespace Benchmarks.Ingest;

/// <summary>
/// From a filled topic to committed tables: the worker beside its broker and its database, then the same rows by one raw binary COPY into the same table with
/// the same indexes on the same server.
/// </summary>
internal static class IngestBenchmark
{
    /// <param name="attempts">How many attempts are generated; a hundredth of them comes twice and a hundredth is replaced.</param>
    /// <param name="users">Among how many users they are spread; 0 leaves users out.</param>
    /// <param name="order">How the attempts come in.</param>
    public static async Task RunAsync(long attempts, int users, LoadOrder order)
    {
        await using var postgres = await PostgresServer.StartAsync(durable: true, CancellationToken.None);
        var data = Directory.CreateTempSubdirectory("kafka-");
        try
        {
            var kafka = $"127.0.0.1:{Ports.Free()}";
            await using var broker = Server.Start("Native/Kafka.Broker", ["--data", data.FullName, "--listen", kafka]);
            var database = await LoadedDatabase.CreateAsync(postgres, kafka);
            await database.PublishGeneratedAsync(attempts, seed: 11, users, order);
            await MeasureAsync(database, broker);
            await CompareWithCopyAsync(database);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(LoadedDatabase database, Server broker)
    {
        var (brokerBefore, postgresBefore) = (broker.ProcessorTime, await PostgresTimeAsync(database));
        var watch = Stopwatch.StartNew();
        await using var worker = database.StartWorker();
        await database.CaughtUpAsync();
        var seconds = watch.Elapsed.TotalSeconds;
        var messages = Convert.ToInt64(await database.ScalarAsync("select sum(messages) from exam_totals"), CultureInfo.InvariantCulture);
        var attempts = Convert.ToInt64(await database.ScalarAsync("select sum(attempts) from exam_totals"), CultureInfo.InvariantCulture);
        var size = Convert.ToInt64(await database.ScalarAsync("select pg_database_size(current_database())"), CultureInfo.InvariantCulture);
        Print($"{messages:N0} messages, {attempts:N0} attempts in {seconds:N1} s: {attempts / seconds:N0} attempts a second, the worker's start included.");
        var brokerTime = broker.ProcessorTime - brokerBefore;
        var postgresTime = await PostgresTimeAsync(database) - postgresBefore;
        Print($"CPU seconds: worker {worker.ProcessorTime.TotalSeconds:N1}, broker {brokerTime.TotalSeconds:N1}, PostgreSQL {postgresTime.TotalSeconds:N1}.");
        Print($"Greatest memory of the worker {worker.PeakMemory / 1048576.0:N0} MiB. The database has {(double)size / attempts:N0} bytes an attempt.");
        await PrintSizesAsync(database, attempts);
    }

    private static async Task PrintSizesAsync(LoadedDatabase database, long attempts)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var list = source.CreateCommand("""
            select relname, pg_relation_size(oid), relkind from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'i') and pg_relation_size(oid) > 1 << 18 order by 2 desc
            """);
        await using var reader = await list.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            Print($"  {(double)reader.GetInt64(1) / attempts,7:N1} {reader.GetString(0)}");
        }
    }

    private static async Task CompareWithCopyAsync(LoadedDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        var file = Path.GetTempFileName();
        try
        {
            await using (var rows = await connection.BeginRawBinaryCopyAsync("copy (select * from events order by event_id) to stdout (format binary)"))
            await using (var output = File.Create(file))
            {
                await rows.CopyToAsync(output);
            }

            await using (var make = new NpgsqlCommand("create table copied (like events including all)", connection))
            {
                await make.ExecuteNonQueryAsync();
            }

            var watch = Stopwatch.StartNew();
            await using (var copy = await connection.BeginRawBinaryCopyAsync("copy copied from stdin (format binary)"))
            await using (var input = File.OpenRead(file))
            {
                await input.CopyToAsync(copy, 1 << 20);
            }

            var seconds = watch.Elapsed.TotalSeconds;
            var copied = Convert.ToInt64(await database.ScalarAsync("select count(*) from copied"), CultureInfo.InvariantCulture);
            Print($"Raw binary COPY of the {copied:N0} rows into the same table and indexes: {seconds:N1} s, {copied / seconds:N0} a second.");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The CPU time of the server's processes, those that have ended included.</summary>
    private static async Task<TimeSpan> PostgresTimeAsync(LoadedDatabase database)
    {
        var folder = (string)(await database.ScalarAsync("show data_directory"))!;
        var postmaster = int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder, "postmaster.pid")))[0], CultureInfo.InvariantCulture);
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => Path.GetFileName(path).All(char.IsAsciiDigit)))
        {
            if (TryReadStat(process) is { } stat && (stat.Id == postmaster || stat.Parent == postmaster))
            {
                ticks += stat.Id == postmaster ? stat.Own + stat.Children : stat.Own;
            }
        }

        return TimeSpan.FromSeconds(ticks / 100.0);
    }

    private static (int Id, int Parent, long Own, long Children)? TryReadStat(string process)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(process, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (
                int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture), Number(1), Number(11) + Number(12), Number(13) + Number(14));

            int Number(int field) => int.Parse(fields[field], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // It has just ended.
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
