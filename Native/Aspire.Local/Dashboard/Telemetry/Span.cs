namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>A span's place between its callers and callees; OTLP's numbers.</summary>
public enum SpanKind
{
    /// <summary>Not given.</summary>
    Unspecified,

    /// <summary>Inside one process.</summary>
    Internal,

    /// <summary>Answers a request.</summary>
    Server,

    /// <summary>Makes a request.</summary>
    Client,

    /// <summary>Sends a message.</summary>
    Producer,

    /// <summary>Takes a message.</summary>
    Consumer,
}

/// <summary>How a span ended; OTLP's numbers.</summary>
public enum SpanStatus
{
    /// <summary>Nothing said, which is well.</summary>
    Unset,

    /// <summary>Well.</summary>
    Ok,

    /// <summary>Failed.</summary>
    Error,
}

/// <summary>Something that happened during a span.</summary>
public sealed record SpanEvent(long TimeNanos, string Name, TelemetryAttribute[] Attributes);

/// <summary>A span of this or another trace that a span has to do with, as the message a batch took up.</summary>
public sealed record SpanLink(string TraceId, string SpanId, TelemetryAttribute[] Attributes);

/// <summary>A span elsewhere that links to a trace.</summary>
public sealed record IncomingLink(string TraceId, string SpanId, string TargetSpanId);

/// <summary>One operation of one process, a part of a trace.</summary>
public sealed class Span
{
    /// <summary>Who did it.</summary>
    public required TelemetryResource Resource { get; init; }

    /// <summary>The activity source's name.</summary>
    public required string Scope { get; init; }

    /// <summary>32 hex digits.</summary>
    public required string TraceId { get; init; }

    /// <summary>16 hex digits.</summary>
    public required string SpanId { get; init; }

    /// <summary>16 hex digits; empty for a root.</summary>
    public required string ParentSpanId { get; init; }

    /// <summary>What was done.</summary>
    public required string Name { get; init; }

    /// <summary>Its place between callers and callees.</summary>
    public required SpanKind Kind { get; init; }

    /// <summary>Begin, in nanoseconds since 1970.</summary>
    public required long StartNanos { get; init; }

    /// <summary>End, in nanoseconds since 1970.</summary>
    public required long EndNanos { get; init; }

    /// <summary>How it ended.</summary>
    public required SpanStatus Status { get; init; }

    /// <summary>What went wrong, or empty.</summary>
    public required string StatusMessage { get; init; }

    /// <summary>What is known of it.</summary>
    public required TelemetryAttribute[] Attributes { get; init; }

    /// <summary>What happened during it.</summary>
    public required SpanEvent[] Events { get; init; }

    /// <summary>The spans it has to do with.</summary>
    public required SpanLink[] Links { get; init; }

    /// <summary>Its number in the store, from 1.</summary>
    public long Sequence { get; internal set; }

    /// <summary>How long it took, in nanoseconds.</summary>
    public long DurationNanos => Math.Max(0, EndNanos - StartNanos);
}
