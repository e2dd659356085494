using Analytics.Api.Access;
using Analytics.Api.Catalogue;
using Analytics.Api.Database;
using Analytics.Api.Events;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Pages;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>The catalogue: how it fits to what events have shown, and a form to replace it.</summary>
internal static class CataloguePage
{
    private const string Path = "/questions/catalogue";
    private const string NoFilter = "the catalogue is not about attempts";

    /// <param name="pages">Where to map it.</param>
    /// <param name="answers">The same for pages that stay until the data changes.</param>
    public static void MapCataloguePage(this IEndpointRouteBuilder pages, IEndpointRouteBuilder answers)
    {
        var limits = pages.ServiceProvider.GetRequiredService<IOptions<EventOptions>>().Value;
        answers.MapGet(Path, GetAsync).RequireScope(Scopes.Read).TakesNoFilter(NoFilter);
        // Foreign pages' writes are refused for all addresses.
        pages.MapPost(Path, PostAsync).RequireScope(Scopes.Write).TakesNoFilter(NoFilter).DisableAntiforgery()
            .WithFormOptions(multipartBodyLengthLimit: limits.MaxBodyBytes).WithMetadata(new RequestSizeLimitAttribute(limits.MaxBodyBytes));
        pages.MapPost($"{Path}/empty", PostEmptyAsync).RequireScope(Scopes.Write).TakesNoFilter(NoFilter).DisableAntiforgery();
    }

    private static async Task<IResult> GetAsync(HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        PageLayout.Answer(context, Render(await database.AnswerAsync(context, CatalogueQuery.State, cancellationToken)));

    private static async Task<IResult> PostAsync(IFormFile file, HttpContext context, CatalogueWriter catalogue, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = file.OpenReadStream();
            await catalogue.ReplaceAsync(context, content, cancellationToken);
        }
        catch (CatalogueException wrong)
        {
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, wrong.Message);
        }

        return TypedResults.LocalRedirect(Path);
    }

    private static async Task<IResult> PostEmptyAsync(HttpContext context, CatalogueWriter catalogue, CancellationToken cancellationToken)
    {
        await catalogue.EmptyAsync(context, cancellationToken);
        return TypedResults.LocalRedirect(Path);
    }

    private static string Render(CatalogueState state) => PageLayout.Render(
        "Catalogue · Activity",
        Html($"""
            <header>
            <h1>Catalogue</h1>
            <p class="period">What questions and options are called, as their publisher says it.</p>
            </header>
            <main id="content">
            {(state.Questions + state.Options == 0 ? Html($"""<p class="empty">There is none: questions go by their ids.</p>""") : Fit(state))}
            <section aria-labelledby="upload"><h2 id="upload">Replace it</h2>
            <p>A CSV file in UTF-8 with the header <code>question_id,option_id,text,topic,key</code>: a row without an option id names the question, one with it the option. A column <code>exam</code> may name the exam that a row is about. The file takes the place of the whole catalogue; a wrong one changes nothing.</p>
            <form class="row screen" action="{Path}" method="post" enctype="multipart/form-data"><label>File <input type="file" name="file" accept=".csv,text/csv" required></label> <button>Upload</button></form>
            {(state.Questions + state.Options == 0 ? None : Html($"""<form class="row screen" action="{Path}/empty" method="post"><button class="plain">Empty the catalogue</button></form>"""))}
            </section>
            </main>
            <footer><p class="screen">As data: <a href="/api/catalogue">catalogue</a>, <a href="/api/catalogue?format=csv">as the file to upload</a>.</p></footer>
            """),
        Tab.Questions);

    private static Markup Fit(CatalogueState state)
    {
        (string Name, string Figure, string Note)[] tiles =
        [
            ("Questions", Wording.Count(state.Questions), $"in {Wording.Counted(state.Topics, "topic", "topics")}"), ("Options", Wording.Count(state.Options), ""),
            ("Named", Wording.Count(state.NamedQuestions), $"of {Wording.Counted(state.ShownQuestions, "question", "questions")} that were shown"),
        ];
        return Html($"""
            <dl class="headline">{tiles.Select(tile => Html($"""<div><dt>{tile.Name}</dt><dd><b>{tile.Figure}</b> <span>{tile.Note}</span></dd></div>"""))}</dl>
            {List("unknown", "In no exam", "The ids of these rows are in no exam that events have shown.", state.UnknownCount, state.Unknown)}
            {List("shared", "In several exams", "These ids are in several exams and the rows name none; where they mean different questions, give each row its exam.", state.SharedCount, state.Shared)}
            {List("contradictions", "Against the events", "The key of these options contradicts the events; figures go by the events.", state.ContradictionCount, state.Contradictions)}
            """);
    }

    private static Markup List(string id, string title, string meaning, long count, IReadOnlyList<CatalogueIds> ids) => count == 0 ? None : Html($"""
        <section aria-labelledby="{id}"><h2 id="{id}">{title}: {Wording.Count(count)}</h2>
        <p>{meaning}{(count > ids.Count ? $" The first {ids.Count}:" : "")}</p>
        <div class="scroll" role="region" tabindex="0" aria-labelledby="{id}"><table>
        <thead><tr><th scope="col">Question</th><th scope="col">Option</th><th scope="col">Exam</th></tr></thead>
        <tbody>{ids.Select(one => Html($"""<tr><th scope="row"><code>{one.QuestionId}</code></th><td><code>{one.OptionId ?? "–"}</code></td><td><code>{one.Exam ?? "–"}</code></td></tr>"""))}</tbody>
        </table></div></section>
        """);
}
