using System.CommandLine;
using System.Data;
using System.Globalization;
using Npgsql;

namespace Ingest.Worker.Maintenance;

/// <summary>The verb <c>verify</c>: compares topic, tables and figures over one snapshot of the database, while ingest goes on.</summary>
internal static class VerifyCommand
{
    private const int MostRowsShown = 5;

    public static Command Create() => MaintenanceVerb.Create(
        "verify", "Compares the topic with the tables and the tables with the figures kept beside them, and tells every difference.", RunAsync);

    private static async Task<int> RunAsync(Servers servers, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(servers.Database);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        using var topic = new TopicScan(servers);
        var records = await TopicTable.LoadAsync(connection, topic, servers.Topic, cancellationToken);

        Check[] checks = [.. FigureChecks.All, .. records.IsWhole ? TopicChecks.OfWholeTopic : TopicChecks.OfRest];
        var different = 0;
        foreach (var check in checks)
        {
            var rows = await DifferencesAsync(connection, check, cancellationToken);
            if (rows.Count > 0)
            {
                different++;
                await Console.Out.WriteLineAsync($"{check.Name}: {string.Join("; ", rows)}");
            }
        }

        var beginning = records.IsWhole ? "" : $" {servers.Topic} does not hold all that the tables are made of, so only what it holds was looked for in them.";
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{records.Count:N0} records of the topic and {checks.Length} comparisons: {(different == 0 ? "no difference" : $"{different} differ")}.{beginning}"));
        return different == 0 ? MaintenanceVerb.Done : MaintenanceVerb.Failed;
    }

    /// <summary>The first rows that only one side has.</summary>
    private static async Task<List<string>> DifferencesAsync(NpgsqlConnection connection, Check check, CancellationToken cancellationToken)
    {
        await using var compare = new NpgsqlCommand(
            $"""
            with kept as ({check.Kept}), expected as ({check.Expected})
            (select concat('has ', kept) from (select * from kept except all select * from expected) kept limit {MostRowsShown})
            union all
            (select concat('should have ', expected) from (select * from expected except all select * from kept) expected limit {MostRowsShown})
            """,
            connection)
        { CommandTimeout = 0 };
        var rows = new List<string>();
        await using var reader = await compare.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}

/// <summary>Two queries whose rows must be the same.</summary>
/// <param name="Name">What is compared.</param>
/// <param name="Kept">What the tables have.</param>
/// <param name="Expected">What they should have.</param>
internal sealed record Check(string Name, string Kept, string Expected);
