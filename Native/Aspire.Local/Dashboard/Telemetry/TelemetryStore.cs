namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>
/// All telemetry, in memory and bounded. Senders and readers meet only in short locks over arrays: pages look at the version a few times a second
/// and copy what they show, so no browser, however slow, holds up a sender.
/// </summary>
internal sealed class TelemetryStore(TelemetryLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<TelemetryResource> _resources = [];
    private readonly List<string> _names = [];

    public LogStore Logs { get; } = new(limits);

    public TraceStore Traces { get; } = new(limits);

    public MetricStore Metrics { get; } = new(limits, time);

    public StringPool Strings { get; } = new();

    /// <summary>Everybody who sent something, by name.</summary>
    public TelemetryResource[] Resources()
    {
        lock (_gate)
        {
            return [.. _resources.OrderBy(r => r.FullName, StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>The sender with this name and instance; a new one is entered, for the oldest if there are too many.</summary>
    public TelemetryResource Resource(string name, string instanceId, IReadOnlyList<TelemetryAttribute> attributes)
    {
        lock (_gate)
        {
            foreach (var known in _resources)
            {
                if (known.Name == name && known.InstanceId == instanceId)
                {
                    return known;
                }
            }

            if (_resources.Count >= limits.MaxResourceCount)
            {
                _resources.RemoveAt(0);
            }

            var resource = new TelemetryResource { Name = name, InstanceId = instanceId, Color = ColorOf(name), Attributes = attributes };
            _resources.Add(resource);
            return resource;
        }
    }

    /// <summary>A resource's colour, given in the order in which names appear, so that neighbours differ.</summary>
    public int Color(string name)
    {
        lock (_gate)
        {
            return ColorOf(name);
        }
    }

    private int ColorOf(string name)
    {
        var at = _names.IndexOf(name);
        if (at < 0 && _names.Count < limits.MaxResourceCount)
        {
            at = _names.Count;
            _names.Add(name);
        }

        return Math.Max(at, 0) % TelemetryResource.Colors;
    }
}
