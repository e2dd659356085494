using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using ModelContextProtocol.Protocol;

namespace Analytics.Api.Assistant;

/// <summary>A question of this API as a tool for an assistant: the endpoint itself, by its name, with its own description and parameters.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Endpoint">The endpoint's name.</param>
internal sealed record AssistantTool(string Name, string Endpoint)
{
    /// <summary>The tools: those with which the questions of this field are asked.</summary>
    public static readonly IReadOnlyList<AssistantTool> All =
    [
        new("summary", "GetSummary"), new("courses", "GetCourses"), new("course", "GetCourse"), new("exams", "GetExams"), new("scores", "GetScores"),
        new("starts", "GetAttemptsBy"), new("durations", "GetDurations"), new("attempts", "GetAttempts"), new("attempt", "GetAttempt"),
        new("questions", "GetQuestions"), new("rasch", "GetRaschCalibration"), new("students", "GetStudents"), new("student", "GetStudent"),
        new("growth", "GetGrowth"),
        new("report", "GetReportText"), new("schema", "GetSchema"), new("sql", "GetSql"),
    ];

    /// <summary>The endpoint among all.</summary>
    public RouteEndpoint Of(EndpointDataSource endpoints) =>
        endpoints.Endpoints.OfType<RouteEndpoint>().Single(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == Endpoint);

    /// <summary>The tool as the protocol has it.</summary>
    public Tool Describe(EndpointDataSource endpoints)
    {
        var endpoint = Of(endpoints);
        return new Tool
        {
            Name = Name,
            Title = endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary,
            Description = endpoint.Metadata.GetMetadata<IEndpointDescriptionMetadata>()?.Description,
            InputSchema = SchemaOf(endpoint),
            Annotations = new ToolAnnotations { ReadOnlyHint = true, OpenWorldHint = false },
        };
    }

    private static JsonElement SchemaOf(RouteEndpoint endpoint)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var parameter in endpoint.Metadata.GetMetadata<MethodInfo>()!.GetParameters())
        {
            if (parameter.IsDefined(typeof(FromQueryAttribute)) || parameter.IsDefined(typeof(FromRouteAttribute)))
            {
                properties[parameter.Name!] = Property(
                    TypeOf(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType),
                    parameter.GetCustomAttribute<DescriptionAttribute>()?.Description,
                    parameter.GetCustomAttribute<AllowedValuesAttribute>()?.Values.OfType<string>());
                if (parameter.IsDefined(typeof(FromRouteAttribute)) || parameter.IsDefined(typeof(RequiredAttribute)))
                {
                    required.Add(parameter.Name);
                }
            }
        }

        var taken = endpoint.Metadata.GetOrderedMetadata<FurtherParameters>().SelectMany(parameters => parameters.Names).ToHashSet();
        foreach (var word in FilterWords.All.Where(word => taken.Contains(word.Name)))
        {
            properties[word.Name] = Property(
                word.Name == FilterWords.PassMark ? "number" : "string", word.Description, word.Schema().Enum?.Select(value => (string)value!));
        }

        return JsonSerializer.SerializeToElement(
            new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false });
    }

    private static JsonObject Property(string type, string? description, IEnumerable<string>? values)
    {
        var property = new JsonObject { ["type"] = type, ["description"] = description };
        if (values is not null)
        {
            property["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value)]);
        }

        return property;
    }

    private static string TypeOf(Type type) =>
        type == typeof(int) || type == typeof(long) ? "integer" : type == typeof(double) ? "number" : type == typeof(bool) ? "boolean" : "string";
}
