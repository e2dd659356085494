using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Analytics.Api.Http;

/// <summary>The OpenAPI document's own words.</summary>
internal static class OpenApiDocument
{
    /// <summary>The most bytes of a request's first line, the method and the address.</summary>
    public const int LongestAddress = 32 * 1024;

    public static void Describe(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Activity",
                Version = "v1",
                Description = """
                    Answers about assessment attempts. A *message* is one record on Kafka, redeliveries included; an *attempt* is one `user_exam_id`, made of its newest event; a *student* is an attempt's user, or the attempt where it names none.

                    Scores and rates are in percent. A figure that can't be computed is null, and a field beside it named `…Reason` says why. Every answer about attempts takes the same filters: course, exam, version, from, to, tz, user, take and passMark; those that say nothing there are refused with the reason. The header `Answered-From` says whether an answer is made of what ingest keeps (`rollups`) or of `rows`. Unknown query parameters are refused. Errors are problem details (RFC 9457).

                    Answers carry a weak `ETag` that changes with each commit of ingest and each change of the catalogue: send it back as `If-None-Match` and an unchanged answer costs 304. HEAD works wherever GET does.
                    """,
                License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
            };
            document.Tags = new HashSet<OpenApiTag>
            {
                new() { Name = "Report", Description = "The figures on one page, to look at." },
                new() { Name = "Summary", Description = "The headline figures." },
                new() { Name = "Courses", Description = "Courses and their exams." },
                new() { Name = "Questions", Description = "Item analysis: how each question does." },
                new() { Name = "Catalogue", Description = "What questions and options are called." },
                new() { Name = "Scores", Description = "How scores are distributed." },
                new() { Name = "Attempts", Description = "Attempts one by one, when they start and how long they take." },
                new() { Name = "Students", Description = "Who took what, and whether they grow." },
                new() { Name = "SQL", Description = "Free questions over documented views." },
                new() { Name = "Export", Description = "Whole tables, to take elsewhere." },
                new() { Name = "Ingest", Description = "How far ingest has come." },
                new() { Name = "Live", Description = "Figures as they change." },
                new() { Name = "Events", Description = "Sending events." },
                new() { Name = "Dead letters", Description = "Records that are no events." },
            };

            // The address is wherever the document came from.
            document.Servers = [new OpenApiServer { Url = "/" }];
            return Task.CompletedTask;
        });

        // The server says so itself, before there is an endpoint.
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.Responses ??= [];
            operation.Responses["414"] =
                new OpenApiResponse { Description = $"The address has more than {LongestAddress / 1024} KiB; the answer has no body." };
            return Task.CompletedTask;
        });

        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.ParameterDescription?.ParameterDescriptor is IParameterInfoParameterDescriptor { ParameterInfo: var parameter }
                && parameter.GetCustomAttribute<AllowedValuesAttribute>() is { Values: var values })
            {
                schema.Enum = [.. values.OfType<string>().Select(value => (JsonNode)value)];
            }

            return Task.CompletedTask;
        });

        // An answer has every one of its fields, but for a reason that is not needed.
        options.AddSchemaTransformer((schema, context, _) =>
        {
            schema.Required = context.JsonTypeInfo.Properties
                .Where(property => property.ShouldSerialize is null && schema.Properties?.ContainsKey(property.Name) is true
                    && property.DeclaringType != typeof(ProblemDetails))
                .Select(property => property.Name)
                .ToHashSet();
            return Task.CompletedTask;
        });
    }

    /// <summary>Documents what <c>AnswerUnchanged</c> does.</summary>
    public static TBuilder DescribeConditions<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var tag = new OpenApiSchema { Type = JsonSchemaType.String };
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-None-Match",
                In = ParameterLocation.Header,
                Description = "The ETag of an earlier answer; 304 if it still holds.",
                Schema = tag,
            });
            operation.Responses ??= [];
            operation.Responses["304"] = new OpenApiResponse { Description = "The answer is still what the client has." };
            if (operation.Responses.TryGetValue("200", out var ok) && ok is OpenApiResponse response)
            {
                response.Headers = new Dictionary<string, IOpenApiHeader>
                {
                    ["ETag"] = new OpenApiHeader { Description = "Names the version of the data that the answer was made of.", Schema = tag },
                };
            }

            return Task.CompletedTask;
        });
}
