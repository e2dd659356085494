using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>All that is known of a span.</summary>
public partial class SpanDetails
{
    /// <summary>The span.</summary>
    [Parameter, EditorRequired]
    public required Span Span { get; set; }

    /// <summary>When its trace began, in nanoseconds since 1970.</summary>
    [Parameter, EditorRequired]
    public long TraceStart { get; set; }

    private IEnumerable<(string Name, string Value)> Facts() => new (string Name, string Value)[]
    {
        ("Kind", Span.Kind.ToString()),
        ("Status", Span.Status.ToString()),
        ("Message", Span.StatusMessage),
        ("Source", Span.Scope),
        ("Started after", Format.Duration(Math.Max(0, Span.StartNanos - TraceStart))),
        ("Duration", Format.Duration(Span.DurationNanos)),
        ("Span id", Span.SpanId),
        ("Parent", Span.ParentSpanId),
        ("Trace id", Span.TraceId),
    }.Where(fact => fact.Value.Length > 0);

    private static IEnumerable<(string Name, string Value)> EventFacts(SpanEvent happened) =>
        happened.Attributes.Length > 0 ? Pairs.Of(happened.Attributes) : [("time", Format.Time(happened.TimeNanos))];
}
