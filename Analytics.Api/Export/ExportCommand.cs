using System.CommandLine;
using System.Globalization;
using Analytics.Api.Filters;
using Analytics.Api.Shapes;
using Npgsql;

namespace Analytics.Api.Export;

/// <summary>The verb <c>export</c>: whole tables of the database that <c>ConnectionStrings:activity</c> names, as files by month, as lakes have them.</summary>
internal static class ExportCommand
{
    public const string Verb = "export";

    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongCall = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = new RootCommand("Answers questions about assessment attempts over HTTP.") { Create() }.Parse(args);
        return parsed.Errors.Count == 0 ? await parsed.InvokeAsync() : await FailAsync(WrongCall, $"{parsed.Errors[0].Message} See {Verb} --help.");
    }

    private static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "The folder for the files: TABLE/month=2018-02/part-0.parquet.", Required = true };
        var tables = new Option<string[]>("--table")
        {
            Description = $"What to export, once for each: {ExportTable.Names}; all if left out.",
            DefaultValueFactory = _ => [.. ExportTable.All.Select(table => table.Name)],
        };
        tables.AcceptOnlyFromAmong([.. ExportTable.All.Select(table => table.Name)]);
        var format = new Option<string>("--format") { Description = "parquet, arrow, csv or ndjson.", DefaultValueFactory = _ => Shape.Parquet.Format };
        format.AcceptOnlyFromAmong([.. ExportEndpoints.Shapes.Select(shape => shape.Format)]);
        var since = new Option<long?>("--since")
        {
            Description = "Only of attempts that came or changed since then: what an earlier export said last. The files are called part-SINCE.",
        };
        var words = FilterWords.All.Where(word => word.Name != FilterWords.PassMark)
            .Select(word => new Option<string?>($"--{word.Name}") { Description = word.Description }).ToArray();
        var export = new Command(Verb, "Writes whole tables as files, a folder for each month of starts (UTC).") { folder, tables, format, since };
        foreach (var word in words)
        {
            export.Options.Add(word);
        }

        export.SetAction((parsed, cancellationToken) =>
        {
            var (filter, complaint) = Filter.Read(name => words.FirstOrDefault(word => word.Name == $"--{name}") is { } word ? parsed.GetValue(word) : null);
            return filter is null ? FailAsync(WrongCall, complaint!) : ExportAsync(
                parsed.GetRequiredValue(folder), [.. parsed.GetRequiredValue(tables).Distinct().Select(name => ExportTable.Of(name)!)],
                ExportEndpoints.Shapes.Single(shape => shape.Format == parsed.GetRequiredValue(format)), filter, parsed.GetValue(since), cancellationToken);
        });
        return export;
    }

    private static async Task<int> ExportAsync(
        string folder, ExportTable[] tables, Shape shape, Filter filter, long? since, CancellationToken cancellationToken)
    {
        if (WebApplication.CreateBuilder().Configuration.GetConnectionString("activity") is not { Length: > 0 } connectionString)
        {
            return await FailAsync(WrongCall, "ConnectionStrings:activity is missing: set ConnectionStrings__activity to the database's connection string.");
        }

        try
        {
            await using var database = NpgsqlDataSource.Create(connectionString);
            await using var snapshot = await ExportSnapshot.OpenAsync(database, cancellationToken);
            if (await snapshot.CheckAsync(filter, since, cancellationToken) is var (_, detail))
            {
                return await FailAsync(WrongCall, detail);
            }

            var months = await snapshot.MonthsAsync(filter, since, cancellationToken);
            foreach (var table in tables)
            {
                foreach (var month in months.Select(first => new ExportMonth(first)))
                {
                    var path = Path.Combine(folder, table.Name, month.Folder, string.Create(CultureInfo.InvariantCulture, $"part-{since ?? 0}.{shape.Format}"));
                    await WriteAsync(path, shape, snapshot, table, filter, since, month, cancellationToken);
                    await Console.Error.WriteLineAsync(path);
                }
            }

            await Console.Error.WriteLineAsync("What came since then is exported by --since with this number:");
            await Console.Out.WriteLineAsync(snapshot.NextSince.ToString(CultureInfo.InvariantCulture));
            return Done;
        }
        catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            return await FailAsync(Failed, "The database has no tables yet, or older ones: the ingest worker makes them when it starts.");
        }
        catch (Exception failed) when (failed is NpgsqlException or ArgumentException)
        {
            return await FailAsync(Failed, $"The database of ConnectionStrings:activity can't be asked: {failed.Message}");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(Failed, $"The files can't be written: {failed.Message}");
        }
    }

    // Under its name only once it is whole.
    private static async Task WriteAsync(
        string path, Shape shape, ExportSnapshot snapshot, ExportTable table, Filter filter, long? since, ExportMonth month,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = Path.Combine(Path.GetDirectoryName(path)!, $"_{Path.GetFileName(path)}");
        await using (var file = File.Create(unfinished))
        {
            await TableResult.WriteAsync(snapshot.ReadAsync(table, filter, since, month, cancellationToken), shape, file, table.Name, cancellationToken);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static async Task<int> FailAsync(int exitCode, string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return exitCode;
    }
}
