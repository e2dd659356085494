using System.Globalization;
using System.Text.Json;
using Aspire.Local.Dashboard.Otlp.Protocol;

namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>What kind of value an attribute has.</summary>
public enum AttributeType
{
    /// <summary>Text; also lists and maps, as JSON.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A floating-point number.</summary>
    Fraction,

    /// <summary>True or false.</summary>
    Truth,
}

/// <summary>One attribute of a log, span, event, link, or metric point, its value as text.</summary>
public readonly record struct TelemetryAttribute(string Key, string Value, AttributeType Type)
{
    /// <summary>How much of a value is kept, in characters.</summary>
    private const int MaxLength = 32 * 1024;

    /// <summary>How many attributes of one thing are kept.</summary>
    private const int MaxCount = 128;

    internal static TelemetryAttribute[] From(IReadOnlyList<KeyValue> pairs, StringPool pool)
    {
        if (pairs.Count == 0)
        {
            return [];
        }

        var attributes = new TelemetryAttribute[Math.Min(pairs.Count, MaxCount)];
        for (var i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new(pool.Get(pairs[i].Key), Text(pairs[i].Value), TypeOf(pairs[i].Value));
        }

        return attributes;
    }

    internal static string Text(AnyValue? value)
    {
        var text = value?.ValueCase switch
        {
            AnyValue.ValueOneofCase.StringValue => value.StringValue,
            AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
            AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
            AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
            AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
            AnyValue.ValueOneofCase.ArrayValue => "[" + string.Join(", ", value.ArrayValue.Values.Select(Json)) + "]",
            AnyValue.ValueOneofCase.KvlistValue => "{" + string.Join(", ", value.KvlistValue.Values.Select(pair => $"{Quote(pair.Key)}: {Json(pair.Value)}")) + "}",
            _ => "",
        };
        return text.Length <= MaxLength ? text : text[..MaxLength] + "…";
    }

    private static string Json(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue or AnyValue.ValueOneofCase.BytesValue => Quote(Text(value)),
        null or AnyValue.ValueOneofCase.None => "null",
        _ => Text(value),
    };

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static AttributeType TypeOf(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.IntValue => AttributeType.Whole,
        AnyValue.ValueOneofCase.DoubleValue => AttributeType.Fraction,
        AnyValue.ValueOneofCase.BoolValue => AttributeType.Truth,
        _ => AttributeType.Text,
    };
}
