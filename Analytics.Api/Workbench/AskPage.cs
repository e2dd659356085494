using Analytics.Api.Pages;
using Analytics.Api.Sql;
using Microsoft.AspNetCore.Http.Extensions;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>The page for SQL.</summary>
internal static class AskPage
{
    private static readonly (string Name, string Query)[] Downloads =
        [("CSV", "csv"), ("CSV for Excel", "csv&for=excel"), ("JSON", "json"), ("NDJSON", "ndjson"), ("Markdown", "md"), ("HTML", "html"), ("Arrow", "arrow"),
            ("Parquet", "parquet")];

    public static string Render(AskData data) => PageLayout.Render(
        $"{data.Query?.Title ?? "Ask"} · Activity",
        Html($"""
            <header>
            <h1>{data.Query?.Title ?? "Ask"}</h1>
            <p class="period">{(data.Query is { } query ? (query.Description.Length > 0 ? query.Description : "A saved query.") : "One statement in SQL that reads the views; the address holds it, so a link is the question.")}</p>
            </header>
            <div class="split">
            <main id="content">
            {(data.Query is null ? StatementForm(data) : QueryForm(data, data.Query))}
            {Answer(data)}
            </main>
            <aside aria-label="What there is to ask">{Queries(data)}{Views(data)}</aside>
            </div>
            """),
        Tab.Ask);

    private static Markup StatementForm(AskData data) => Html($"""
        <form class="screen ask" action="/ask" method="get">
        <label class="whole">Statement <textarea name="sql" rows="{Math.Clamp(data.Text.Count(letter => letter == '\n') + 2, 7, 24)}" maxlength="{SqlOptions.LongestStatement}" spellcheck="false" autocapitalize="off" autocomplete="off" required{(data.Answer?.Failure is null ? None : Html($" aria-invalid=\"true\" aria-describedby=\"failure\""))}>
        {data.Text}</textarea></label>
        <button>Run</button><span class="quiet hint">Ctrl + Enter runs it, too.</span>
        </form>
        """);

    private static Markup QueryForm(AskData data, Queries.SavedQuery query) => Html($"""
        <form class="screen" action="/ask/{query.Name}" method="get">
        {query.Parameters.Select(parameter => Html($"""
            <label class="wide">{(parameter.Description.Length > 0 ? Wording.Sentence(parameter.Description).TrimEnd('.') : parameter.Name)} <input name="{parameter.Name}" value="{data.Values[parameter.Name]}" type="{(parameter.Type is ParameterType.Date ? "date" : "text")}"{(parameter.Type is ParameterType.Integer or ParameterType.Number ? Html($" inputmode=\"decimal\"") : None)} required autocomplete="off"></label>
            """))}
        <button>Run</button>
        </form>
        <details class="data"{(data.Complaint is null ? None : Html($" open"))}><summary>The statement</summary><pre tabindex="0">{query.Sql.Trim()}</pre></details>
        """);

    private static Markup Answer(AskData data) => data switch
    {
        { Complaint: { } complaint } => Html($"""<section class="failure" role="alert" id="failure"><h2>Not run</h2><p>{complaint}</p></section>"""),
        { Answer: null, Query: null } => Html($"""<p class="quiet">Choose an example to begin with, or write your own.</p>"""),
        { Answer: null } => Html($"""<p class="quiet">Fill in the values, then run it.</p>"""),
        { Answer.Failure: { } failure } => Failure(data, failure),
        { Answer: { } answer } => Result(data, answer),
    };

    private static Markup Failure(AskData data, StatementFailure failure) => Html($"""
        <section class="failure" role="alert" id="failure">
        <h2>{(failure.Place is { } place ? $"Line {place.Line}, column {place.Column}" : "No answer")}</h2>
        <p>{failure.Sentence}{(failure.Hint is { } hint ? $" {hint}" : "")}</p>
        {(failure.Place is { } at ? Marked(data.Text, at) : None)}
        {(failure.Refused.Count > 1 ? Html($"""<ul>{failure.Refused.Select(use => Html($"""<li>{use.Kind} <code>{use.Name}</code></li>"""))}</ul>""") : None)}
        </section>
        """);

    // The place is a mark on the word there, or behind the end.
    private static Markup Marked(string text, StatementPosition place)
    {
        var begin = IndexOf(text, place.Position);
        var end = begin;
        while (end < text.Length && (end == begin || char.IsLetterOrDigit(text[end]) || text[end] == '_')
            && (end == begin || char.IsLetterOrDigit(text[begin]) || text[begin] == '_'))
        {
            end += char.IsSurrogatePair(text, end) ? 2 : 1;
        }

        return Html($"""<pre tabindex="0">{text[..begin]}<mark>{(begin == end ? " " : text[begin..end])}</mark>{text[end..]}</pre>""");
    }

    private static int IndexOf(string text, int position)
    {
        var index = 0;
        for (var character = 1; character < position && index < text.Length; character++)
        {
            index += char.IsSurrogatePair(text, index) ? 2 : 1;
        }

        return index;
    }

    private static Markup Result(AskData data, StatementPreview answer) => Html($"""
        <section aria-labelledby="answer">
        <h2 id="answer">{Rows(answer)}</h2>
        <p class="downloads screen">Download {(answer.HasMore ? "all" : "them")} as {Downloads.Select((download, index) => Html($"""{(index == 0 ? "" : " · ")}<a href="{Source(data)}format={download.Query}" download="{(data.Query?.Name ?? "answer")}.{Extension(download.Query)}">{download.Name}</a>"""))}</p>
        {ChartOf(data, answer)}
        {(answer.Rows.Rows.Count == 0 ? Html($"""<p class="empty">The statement has no rows; its columns are {string.Join(", ", answer.Columns.Select(column => column.Name))}.</p>""") : ResultTable.Render(answer.Rows, "Rows of the answer"))}
        </section>
        """);

    private static string Rows(StatementPreview answer) =>
        answer.HasMore ? $"The first {Wording.Count(AskData.MostRows)} rows" : Wording.Counted(answer.Rows.Rows.Count, "row", "rows");

    private static Markup ChartOf(AskData data, StatementPreview answer)
    {
        if (ResultTable.Suitable(answer.Rows, data.X, data.Y) is not var (across, up))
        {
            return None;
        }

        var others = answer.Columns.Count > 2
            ? Html($"""
                <form class="screen inline" action="{(data.Query is null ? "/ask" : $"/ask/{data.Query.Name}")}" method="get">
                {(data.Query is null ? Hidden("sql", data.Text) : Join(data.Values.Select(value => Hidden(value.Key, value.Value))))}
                <label>Across <select name="x">{answer.Rows.Columns.Select(column => Option(column.Name, column.Name == across.Name))}</select></label>
                <label>Up <select name="y">{answer.Rows.Columns.Where(column => column.IsNumericColumn()).Select(column => Option(column.Name, column.Name == up.Name))}</select></label>
                <button class="plain">Draw</button>
                </form>
                """)
            : None;
        return Html($"""{ResultTable.Chart(answer.Rows, across, up)}{others}""");
    }

    private static Markup Hidden(string name, string value) => Html($"""<input type="hidden" name="{name}" value="{value}">""");

    private static Markup Option(string name, bool selected) => Html($"""<option{(selected ? Html($" selected") : None)}>{name}</option>""");

    private static string Source(AskData data) => data.Query is null
        ? $"/api/sql{new QueryBuilder { { "query", data.Text } }}&"
        : $"/api/queries/{data.Query.Name}{new QueryBuilder(data.Values)}{(data.Values.Count == 0 ? "?" : "&")}";

    private static string Extension(string query) => query.Split('&')[0];

    private static Markup Queries(AskData data) => Html($"""
        <h2>Saved queries</h2>
        {(data.Saved.Count == 0
            ? Html($"""<p class="quiet">There are none: a file <code>NAME.sql</code> in the folder of saved queries (<code>data/queries</code>, or what <code>Queries:Folder</code> names) is one.</p>""")
            : Html($"""<ul class="list">{data.Saved.Select(query => Html($"""<li><a href="/ask/{query.Name}"{(query.Name == data.Query?.Name ? Html($" aria-current=\"page\"") : None)}>{query.Title}</a>{(query.Complaint is null ? None : Html($""" <span class="bad">has a fault</span>"""))}</li>"""))}</ul>"""))}
        <details{(data.Text.Length == 0 ? Html($" open") : None)}><summary><h2>Examples</h2></summary>
        <ul class="list">{ReadyQueries.All.Select(query => Html($"""<li><a href="/ask{new QueryBuilder { { "sql", query.Sql } }.ToString()}">{query.Question}</a></li>"""))}</ul>
        </details>
        """);

    private static Markup Views(AskData data) => Html($"""
        <h2>Views</h2>
        {data.Schema.Views.Select(view => Html($"""
            <details class="view"><summary><code>{view.Name}</code></summary>
            <p class="quiet">{view.Description}</p>
            <dl>{view.Columns.Select(column => Html($"""<dt><code>{column.Name}</code> <span>{column.Type}</span></dt><dd>{column.Description}</dd>"""))}</dl>
            </details>
            """))}
        <p class="quiet"><a href="/api/schema/functions?format=html">Functions that statements may call</a></p>
        """);
}
