namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>.NET's levels, which OTLP's severity numbers 1 to 24 fold into by fours.</summary>
public enum LogSeverity
{
    /// <summary>Severity 1 to 4, and 0, not given.</summary>
    Trace,

    /// <summary>Severity 5 to 8.</summary>
    Debug,

    /// <summary>Severity 9 to 12.</summary>
    Information,

    /// <summary>Severity 13 to 16.</summary>
    Warning,

    /// <summary>Severity 17 to 20.</summary>
    Error,

    /// <summary>Severity 21 to 24.</summary>
    Critical,
}

/// <summary>One structured log record.</summary>
public sealed class LogEntry
{
    /// <summary>Who logged.</summary>
    public required TelemetryResource Resource { get; init; }

    /// <summary>The logger's name.</summary>
    public required string Scope { get; init; }

    /// <summary>When, in nanoseconds since 1970.</summary>
    public required long TimeNanos { get; init; }

    /// <summary>How bad.</summary>
    public required LogSeverity Severity { get; init; }

    /// <summary>The message, formatted.</summary>
    public required string Message { get; init; }

    /// <summary>The values in the message, the exception, the scopes.</summary>
    public required TelemetryAttribute[] Attributes { get; init; }

    /// <summary>The event's name, or empty.</summary>
    public required string EventName { get; init; }

    /// <summary>The trace it was logged in, 32 hex digits, or empty.</summary>
    public required string TraceId { get; init; }

    /// <summary>The span it was logged in, 16 hex digits, or empty.</summary>
    public required string SpanId { get; init; }

    /// <summary>Its number in the store, from 1.</summary>
    public long Sequence { get; internal set; }

    /// <summary>An attribute's value, or null.</summary>
    public string? this[string key]
    {
        get
        {
            foreach (var attribute in Attributes)
            {
                if (attribute.Key == key)
                {
                    return attribute.Value;
                }
            }

            return null;
        }
    }
}
