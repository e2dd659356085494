using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ingest.Worker;

/// <summary>Where the spans and figures of both verbs come from; the name is the application's, which ServiceDefaults listens to.</summary>
internal static class Telemetry
{
    public const string Name = "Ingest.Worker";

    public static ActivitySource Activities { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);
}
