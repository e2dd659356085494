using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Benchmarks.Answers;

/// <summary>A parameter of the API's SQL.</summary>
/// <param name="Type">PostgreSQL's name of its type.</param>
/// <param name="Value">Its text; null for null.</param>
internal sealed record Parameter(string Type, string? Value = null);

/// <summary>The load generators of others: wrk for HTTP, pgbench for PostgreSQL. Both are C programs that take little of the two cores.</summary>
internal static partial class Tools
{
    /// <summary>Asks one address over some kept connections, each with the next question as soon as it has its answer.</summary>
    /// <param name="address">What is asked.</param>
    /// <param name="anew">Whether each answer is made anew rather than taken from the cache.</param>
    /// <param name="connections">How many ask at once.</param>
    /// <param name="seconds">For how long.</param>
    /// <returns>Requests a second.</returns>
    public static async Task<double> WrkAsync(Uri address, bool anew, int connections, int seconds)
    {
        var output = await RunAsync("wrk", "-t1", $"-c{connections}", $"-d{seconds}s", "-H", anew ? "Cache-Control: no-cache" : "Accept: */*",
            address.ToString());
        return output.Contains("Non-2xx", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"{address} did not always answer 200:\n{output}")
            : Number(RequestsPerSecond().Match(output));
    }

    /// <summary>Runs the statements as one pipeline, prepared, over as many connections. Every statement gets the parameters that it names.</summary>
    /// <returns>Pipelines a second.</returns>
    public static async Task<double> PgbenchAsync(
        string connectionString, IReadOnlyList<string> statements, Parameter[] parameters, int connections, int seconds)
    {
        var script = Path.GetTempFileName();
        await File.WriteAllLinesAsync(
            script, ["\\startpipeline", .. statements.Select(statement => $"{With(parameters, statement).ReplaceLineEndings(" ")};"), "\\endpipeline"]);
        try
        {
            var database = new NpgsqlConnectionStringBuilder(connectionString);
            var output = await RunAsync(
                "pgbench",
                [
                    "-n", "-M", "prepared", "-f", script, $"-c{connections}", "-j1", $"-T{seconds}",
                    .. parameters.SelectMany((parameter, index) => parameter.Value is null ? (string[])[] : ["-D", $"p{index + 1}={parameter.Value}"]),
                    $"postgresql://{database.Username}:{Uri.EscapeDataString(database.Password!)}@{database.Host}:{database.Port}/{database.Database}",
                ]);
            return Number(TransactionsPerSecond().Match(output));
        }
        finally
        {
            File.Delete(script);
        }
    }

    // pgbench sends its variables as parameters, and has no null.
    private static string With(Parameter[] parameters, string statement)
    {
        for (var number = parameters.Length; number > 0; number--)
        {
            var parameter = parameters[number - 1];
            statement = statement.Replace($"${number}", parameter.Value is null ? $"null::{parameter.Type}" : $":p{number}::{parameter.Type}",
                StringComparison.Ordinal);
        }

        return statement;
    }

    private static double Number(Match match) => match.Success
        ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException("The tool printed no figure.");

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed: {await errors}{output}");
    }

    [GeneratedRegex(@"Requests/sec:\s*([0-9.]+)")]
    private static partial Regex RequestsPerSecond();

    [GeneratedRegex(@"tps = ([0-9.]+) \(without initial")]
    private static partial Regex TransactionsPerSecond();
}
