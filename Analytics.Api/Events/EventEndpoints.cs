using Analytics.Api.Access;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Assessments;
using Confluent.Kafka;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Publishing;

namespace Analytics.Api.Events;

/// <summary>Takes events over HTTP and puts them on Kafka.</summary>
internal static class EventEndpoints
{
    private static readonly Receipt Example = new(2, 1, [new(1, 2, "user_exam_id is missing.")]);

    public static void MapEvents(this IEndpointRouteBuilder api)
    {
        var limits = api.ServiceProvider.GetRequiredService<IOptions<EventOptions>>().Value;
        api.MapPost("/events", PostEventsAsync)
            .RefuseOtherContentTypes("application/json", "application/x-ndjson")
            .WithName("PostEvents")
            .WithTags("Events")
            .TakesNoFilter("an event says itself what it is about")
            .WithSummary("Send events")
            .WithDescription("One event, a JSON array of events, or one event a line; plain, gzip or zstd. " +
                "Answers once Kafka has acknowledged every good event; " +
                $"a bad one is refused with its index and reason, and after {limits.MaxRejections} of them the rest is not read. " +
                "If Kafka fails midway, send all again: an event that was kept counts as redelivered. The bytes of each event reach the topic unchanged.")
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithExample(Example, AnalyticsJson.Default.Receipt)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = $"Events, at most {limits.MaxBodyBytes} bytes, and {limits.MaxUncompressedBytes} uncompressed, " +
                        "with Content-Encoding gzip or zstd if compressed.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Array } },
                        ["application/x-ndjson"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    },
                };
                return Task.CompletedTask;
            });
    }

    private static async Task<Results<Ok<Receipt>, ProblemHttpResult>> PostEventsAsync(
        HttpRequest request, EventProducer producer, IOptions<TopicOptions> topic, IOptions<EventOptions> limits, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding is not ([] or ["gzip" or "x-gzip" or "zstd" or "identity"]))
        {
            request.HttpContext.Response.Headers.AcceptEncoding = "gzip, zstd";
            return TypedResults.Problem("The Content-Encoding of events is gzip, zstd or none.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        using var publication = new Publication(producer, topic.Value.Topic);
        List<Rejection> rejected;
        try
        {
            rejected = await PublishAsync(request.Body, publication, limits.Value, cancellationToken);
        }
        catch (OtherFormatException other)
        {
            return TypedResults.Problem(other.Message, statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        await publication.CompleteAsync(cancellationToken);
        request.HttpContext.NoteForAudit($"{publication.Acknowledged} events accepted, {rejected.Count} refused");
        if (publication.Failure is { } failure)
        {
            request.HttpContext.Response.Headers.RetryAfter = "2";
            return TypedResults.Problem(
                $"Kafka acknowledged {publication.Acknowledged} events and refused others: {failure.Reason}. " +
                "Send all again; those it has count as redelivered.",
                statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var receipt = new Receipt(publication.Acknowledged, rejected.Count, rejected);
        return receipt switch
        {
            { Accepted: 0, RejectedCount: 0 } => TypedResults.Problem("The body holds no event.", statusCode: StatusCodes.Status400BadRequest),
            { Accepted: 0 } => TypedResults.Problem(
                rejected is [var only]
                    ? $"Line {only.Line}: {only.Reason}"
                    : $"None of the {rejected.Count} events is good; the first, in line {rejected[0].Line}: {rejected[0].Reason}",
                statusCode: StatusCodes.Status422UnprocessableEntity,
                extensions: new Dictionary<string, object?>
                {
                    ["accepted"] = receipt.Accepted,
                    ["rejectedCount"] = receipt.RejectedCount,
                    ["rejected"] = receipt.Rejected,
                }),
            _ => TypedResults.Ok(receipt),
        };
    }

    /// <summary>Sends what is good.</summary>
    /// <returns>What is not; it is the last that is read once there are too many, or once Kafka has failed.</returns>
    private static async Task<List<Rejection>> PublishAsync(
        Stream body, Publication publication, EventOptions limits, CancellationToken cancellationToken)
    {
        var rejected = new List<Rejection>();
        var options = new EventFileOptions { MaxBytes = limits.MaxUncompressedBytes };
        await foreach (var (slice, key, reason) in EventCheck.ReadAsync(body, options, cancellationToken))
        {
            if (reason is null)
            {
                await publication.SendAsync(key, slice.Bytes.ToArray(), new Headers(), cancellationToken);
            }
            else if (rejected.Count < limits.MaxRejections)
            {
                rejected.Add(new Rejection(slice.Index, slice.Line, reason));
            }
            else
            {
                rejected.Add(new Rejection(slice.Index, slice.Line, $"Over {limits.MaxRejections} values are no events: from here on nothing was read."));
                break;
            }

            if (publication.Failure is not null)
            {
                break;
            }
        }

        return rejected;
    }
}
