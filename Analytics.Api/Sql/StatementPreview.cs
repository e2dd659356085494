using Analytics.Api.Access;
using Microsoft.Data.Analysis;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Sql;

/// <summary>The first rows of a statement's answer, to look at.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows; none where it failed.</param>
/// <param name="HasMore">Whether the answer has more rows.</param>
/// <param name="Failure">Why there are none; null if there are.</param>
internal sealed record StatementPreview(IReadOnlyList<SqlColumn> Columns, DataFrame Rows, bool HasMore, StatementFailure? Failure)
{
    /// <summary>Runs a statement through the same gate, turns and limits as /api/sql does.</summary>
    public static async Task<StatementPreview> RunAsync(HttpContext context, Statement statement, int rows)
    {
        var services = context.RequestServices;
        var left = context.RequestAborted;
        context.NoteForAudit(StatementText.WithoutConstants(statement.Text));
        try
        {
            var form = statement.Form;
            using var turn = await services.GetRequiredService<StatementQueue>().RunAsync(left);
            await services.GetRequiredService<StatementGate>().CheckAsync(form, left);
            await using var running = await services.GetRequiredService<StatementRunner>().StartAsync(form, statement.Values, isStreamed: false, left);
            var first = await running.ReadPartAsync(rows);
            return new StatementPreview(running.Columns, first, !running.IsComplete, Failure: null);
        }
        catch (Exception thrown) when (!left.IsCancellationRequested
            && StatementFailure.Of(thrown, statement, services.GetRequiredService<IOptions<SqlOptions>>().Value) is { } failure)
        {
            return new StatementPreview([], new DataFrame(), HasMore: false, failure);
        }
    }
}
