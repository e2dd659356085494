using System.Globalization;
using System.Text.Json;
using Aspire.Local.Dashboard.Telemetry;

namespace Aspire.Local.Dashboard.Api;

/// <summary>Telemetry in OTLP's JSON encoding: ids in hex, 64-bit integers as strings, enums as numbers.</summary>
internal static class OtlpJson
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Span> spans) =>
        Write(writer, spans, span => (span.Resource, span.Scope), "resourceSpans", "scopeSpans", "spans", Write);

    public static void Write(Utf8JsonWriter writer, IReadOnlyList<LogEntry> entries) =>
        Write(writer, entries, entry => (entry.Resource, entry.Scope), "resourceLogs", "scopeLogs", "logRecords", Write);

    private static void Write<T>(
        Utf8JsonWriter writer, IReadOnlyList<T> items, Func<T, (TelemetryResource Resource, string Scope)> origin, string resources, string scopes, string records, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartObject();
        writer.WriteStartArray(resources);
        foreach (var group in items.GroupBy(origin))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("resource");
            Write(writer, group.Key.Resource.Attributes);
            writer.WriteEndObject();
            writer.WriteStartArray(scopes);
            writer.WriteStartObject();
            writer.WriteStartObject("scope");
            writer.WriteString("name", group.Key.Scope);
            writer.WriteEndObject();
            writer.WriteStartArray(records);
            foreach (var item in group)
            {
                writer.WriteStartObject();
                write(writer, item);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Span span)
    {
        writer.WriteString("traceId", span.TraceId);
        writer.WriteString("spanId", span.SpanId);
        if (span.ParentSpanId.Length > 0)
        {
            writer.WriteString("parentSpanId", span.ParentSpanId);
        }

        writer.WriteString("name", span.Name);
        writer.WriteNumber("kind", (int)span.Kind);
        WriteLong(writer, "startTimeUnixNano", span.StartNanos);
        WriteLong(writer, "endTimeUnixNano", span.EndNanos);
        Write(writer, span.Attributes);
        writer.WriteStartArray("events");
        foreach (var happened in span.Events)
        {
            writer.WriteStartObject();
            WriteLong(writer, "timeUnixNano", happened.TimeNanos);
            writer.WriteString("name", happened.Name);
            Write(writer, happened.Attributes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("links");
        foreach (var link in span.Links)
        {
            writer.WriteStartObject();
            writer.WriteString("traceId", link.TraceId);
            writer.WriteString("spanId", link.SpanId);
            Write(writer, link.Attributes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("status");
        writer.WriteNumber("code", (int)span.Status);
        if (span.StatusMessage.Length > 0)
        {
            writer.WriteString("message", span.StatusMessage);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, LogEntry entry)
    {
        WriteLong(writer, "timeUnixNano", entry.TimeNanos);
        writer.WriteNumber("severityNumber", ((int)entry.Severity * 4) + 1);
        writer.WriteString("severityText", entry.Severity.ToString());
        writer.WriteStartObject("body");
        writer.WriteString("stringValue", entry.Message);
        writer.WriteEndObject();
        Write(writer, entry.Attributes);
        if (entry.EventName.Length > 0)
        {
            writer.WriteString("eventName", entry.EventName);
        }

        if (entry.TraceId.Length > 0)
        {
            writer.WriteString("traceId", entry.TraceId);
            writer.WriteString("spanId", entry.SpanId);
        }
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<TelemetryAttribute> attributes)
    {
        writer.WriteStartArray("attributes");
        foreach (var (key, value, type) in attributes)
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            writer.WriteStartObject("value");
            switch (type)
            {
                case AttributeType.Whole:
                    writer.WriteString("intValue", value);
                    break;
                case AttributeType.Truth:
                    writer.WriteBoolean("boolValue", value == "true");
                    break;
                case AttributeType.Fraction when double.TryParse(value, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                    writer.WriteNumber("doubleValue", number);
                    break;
                case AttributeType.Fraction:
                    writer.WriteString("doubleValue", value);
                    break;
                default:
                    writer.WriteString("stringValue", value);
                    break;
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteLong(Utf8JsonWriter writer, string name, long value) => writer.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
}
