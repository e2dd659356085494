using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Queries;
using Analytics.Api.Sql;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Report;

/// <summary>A saved query that says it belongs on the report, and its first rows.</summary>
/// <param name="Query">The query.</param>
/// <param name="Answer">Its first rows; null where it was not run.</param>
/// <param name="Complaint">Why there are no rows; null if there are.</param>
internal sealed record SavedOnReport(SavedQuery Query, StatementPreview? Answer, string? Complaint)
{
    private const int MostRows = 20;

    /// <summary>
    /// Runs them with the values that their parameters have by default; on the report of everything only, for no filter of the report holds of them.
    /// </summary>
    public static async Task<IReadOnlyList<SavedOnReport>> ReadAsync(HttpContext context, Filter filter)
    {
        var saved = new List<SavedOnReport>();
        if (filter.Parts == FilterParts.None)
        {
            foreach (var query in context.RequestServices.GetRequiredService<QueryFolder>().ReadAll().Where(query => query.OnReport))
            {
                var (statement, complaint) = query.With(_ => null);
                var answer = statement is null ? null : await StatementPreview.RunAsync(context, statement, MostRows);
                saved.Add(new SavedOnReport(query, answer, complaint ?? answer?.Failure?.Sentence));
            }
        }

        return saved;
    }

    public Markup Render() => Html($"""
        <section aria-labelledby="saved-{Query.Name}">
        <h2 id="saved-{Query.Name}">{Query.Title}</h2>
        <p>{Query.Description} <a class="screen" href="/ask/{Query.Name}">The query, with downloads</a></p>
        {(Complaint is null ? ResultTable.Render(Answer!.Rows, Query.Title) : Html($"""<p class="bad">{Complaint}</p>"""))}
        {(Answer is { HasMore: true } ? Html($"""<p class="quiet">The first {MostRows} rows.</p>""") : None)}
        </section>
        """);
}
