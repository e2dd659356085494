using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Analytics.Api;

/// <summary>
/// Whether an answer is what the OpenAPI document says: JSON Schema 2020-12, as far as the document uses it. A keyword that it does not know is an error.
/// </summary>
internal static class AnswerSchema
{
    private static readonly HashSet<string> Annotations = ["description", "title", "default", "example", "examples", "format", "deprecated", "readOnly"];

    /// <summary>What is wrong with a value; null if nothing is.</summary>
    /// <param name="value">The value, null for JSON's null.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="document">Where references lead.</param>
    /// <param name="place">How to find the value in the answer.</param>
    public static string? Complaint(JsonNode? value, JsonNode schema, JsonNode document, string place = "$")
    {
        foreach (var (keyword, rule) in schema.AsObject())
        {
            var complaint = keyword switch
            {
                "$ref" => Complaint(value, Target((string)rule!, document), document, place),
                "type" => Types(rule!).Contains(TypeOf(value)) || (
                    TypeOf(value) == "integer" && Types(rule!).Contains("number")) ? null : $"{place} is {TypeOf(value)}, not {rule}",
                "enum" => rule!.AsArray().Any(known => JsonNode.DeepEquals(known, value)) ? null : $"{place} is {value}, none of {rule}",
                "oneOf" or "anyOf" => rule!.AsArray().Any(one => Complaint(value, one!, document, place) is null) ? null : $"{place} is none of {rule}",
                "allOf" => rule!.AsArray().Select(one => Complaint(value, one!, document, place)).FirstOrDefault(wrong => wrong is not null),
                "required" => value is JsonObject its && rule!.AsArray().FirstOrDefault(
                    name => !its.ContainsKey((string)name!)) is { } missing ? $"{place} lacks {missing}" : null,
                "properties" => value is JsonObject fields
                    ? fields.Where(field => rule![field.Key] is not null).Select(
                        field => Complaint(field.Value, rule![field.Key]!, document, $"{place}.{field.Key}")).FirstOrDefault(wrong => wrong is not null)
                        ?? (schema["additionalProperties"] is null && schema["required"] is not null && fields.FirstOrDefault(
                            field => rule![field.Key] is null) is { Key: { } unknown } ? $"{place} has {unknown}, which is not documented" : null)
                    : null,
                "additionalProperties" => value is JsonObject others && rule is JsonObject
                    ? others.Where(field => schema["properties"]?[field.Key] is null).Select(
                        field => Complaint(field.Value, rule, document, $"{place}.{field.Key}")).FirstOrDefault(wrong => wrong is not null)
                    : null,
                "items" => value is JsonArray elements
                    ? elements.Select(
                        (element, index) =>
                        Complaint(element, rule!, document, string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]"))).FirstOrDefault(wrong =>
                        wrong is not null)
                    : null,
                "minimum" => value is not null && (double)value < (double)rule! ? $"{place} is below {rule}" : null,
                "maximum" => value is not null && (double)value > (double)rule! ? $"{place} is above {rule}" : null,
                "maxLength" => value?.GetValueKind() == JsonValueKind.String && ((string)value!).Length > (int)rule! ? $"{place} is longer than {rule}" : null,
                "pattern" =>
                    value?.GetValueKind() == JsonValueKind.String && !Regex.IsMatch((string)value!, (string)rule!) ? $"{place} is not like {rule}" : null,
                _ => Annotations.Contains(keyword) || keyword.StartsWith(
                    "x-", StringComparison.Ordinal) ? null : $"{place} has the rule {keyword}, which nobody checks",
            };
            if (complaint is not null)
            {
                return complaint;
            }
        }

        return null;
    }

    private static JsonNode Target(string reference, JsonNode document) =>
        reference.Split('/').Skip(1).Aggregate(document, (node, name) => node[name.Replace("~1", "/", StringComparison.Ordinal)]!);

    private static IEnumerable<string> Types(JsonNode rule) => rule is JsonArray several ? several.Select(type => (string)type!) : [(string)rule!];

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? "integer" : "number",
        _ => "boolean",
    };
}
