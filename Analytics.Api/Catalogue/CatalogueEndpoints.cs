using Analytics.Api.Access;
using Analytics.Api.Caching;
using Analytics.Api.Database;
using Analytics.Api.Events;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Analytics.Api.Catalogue;

/// <summary>What questions and options are called, as a publisher says it.</summary>
internal static class CatalogueEndpoints
{
    private const string Csv = "text/csv";

    private static readonly CatalogueState ExampleState = new(
        1, 1, 1, 141, 1, 1, [new CatalogueIds("7a2ed6d3-f492-49b3-b8aa-d080a8aad986", "none", null)], 0, [], 0, []);

    private static readonly CatalogueContent Example = new(
        ExampleState,
        [
            new CatalogueRow("7a2ed6d3-f492-49b3-b8aa-d080a8aad986", null, "Which command shows what is staged?", "Staging", null, null),
            new CatalogueRow("7a2ed6d3-f492-49b3-b8aa-d080a8aad986", "none", "git diff --staged", null, true, null),
        ]);

    public static void MapCatalogue(this IEndpointRouteBuilder api)
    {
        var limits = api.ServiceProvider.GetRequiredService<IOptions<EventOptions>>().Value;
        var catalogue = api.MapGroup("/catalogue").WithTags("Catalogue").TakesNoFilter("the catalogue is not about attempts");
        catalogue.MapGroup("").RequireScope(Scopes.Read).AnswerUnchanged().MapGet("", GetAsync)
            .WithName("GetCatalogue")
            .WithSummary("The catalogue")
            .WithDescription("What questions and options are called, with topics and the publisher's key, and how that fits to what events have shown. As CSV "
                + "it is what PUT takes.")
            .WithExample(Example, AnalyticsJson.Default.CatalogueContent)
            .InShapes((CatalogueContent content) => content.Rows, AnalyticsJson.Default.CatalogueRow);
        catalogue.MapPut("", PutAsync)
            .RequireScope(Scopes.Write)
            .RefuseOtherContentTypes(Csv)
            .WithName("PutCatalogue")
            .WithSummary("Replace the catalogue")
            .WithDescription("CSV (RFC 4180) in UTF-8 with a header: question_id, option_id, text, topic, key and, where ids mean something else in another "
                + "exam, exam (a base_exam_id). A row without an option id names the question, with one the option; the topic stands on the question's row. It "
                + "takes the place of the whole catalogue in one transaction; a wrong file changes nothing and is refused with line and column.")
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithExample(ExampleState, AnalyticsJson.Default.CatalogueState)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = $"The catalogue, at most {limits.MaxBodyBytes} bytes and {CatalogueFile.MostRows} rows.",
                    Content = new Dictionary<string, OpenApiMediaType> { [Csv] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } },
                };
                return Task.CompletedTask;
            });
        catalogue.MapDelete("", DeleteAsync)
            .RequireScope(Scopes.Write)
            .WithName("DeleteCatalogue")
            .WithSummary("Empty the catalogue")
            .WithDescription("Questions go by their ids again.")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Ok<CatalogueContent>> GetAsync(HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(context, [CatalogueQuery.State, CatalogueQuery.Rows], cancellationToken);
        return TypedResults.Ok(new CatalogueContent(
            await CatalogueQuery.State.ReadAsync(reader, cancellationToken), await CatalogueQuery.Rows.ReadAsync(reader, cancellationToken)));
    }

    private static async Task<Results<Ok<CatalogueState>, ProblemHttpResult>> PutAsync(
        HttpContext context, CatalogueWriter catalogue, ActivityDatabase database, CancellationToken cancellationToken)
    {
        if (context.Request.Headers.ContentEncoding is not ([] or ["identity"]))
        {
            return TypedResults.Problem("A catalogue comes without a Content-Encoding.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            await catalogue.ReplaceAsync(context, context.Request.Body, cancellationToken);
        }
        catch (CatalogueException wrong)
        {
            return TypedResults.Problem(wrong.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        var state = await database.AnswerAsync(context, CatalogueQuery.State, cancellationToken);
        context.Response.Headers.Remove("ETag"); // It is about what was sent.
        return TypedResults.Ok(state);
    }

    private static async Task<NoContent> DeleteAsync(HttpContext context, CatalogueWriter catalogue, CancellationToken cancellationToken)
    {
        await catalogue.EmptyAsync(context, cancellationToken);
        return TypedResults.NoContent();
    }
}
