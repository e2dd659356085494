namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>What the list of traces shows of one.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="Root">The first span without a parent, or the first of all while that is on its way.</param>
/// <param name="StartNanos">The first span's begin, in nanoseconds since 1970.</param>
/// <param name="DurationNanos">From the first begin to the last end.</param>
/// <param name="Resources">Who took part, in the order they joined, and with how many spans.</param>
/// <param name="SpanCount">How many spans are kept.</param>
/// <param name="DroppedSpans">How many more came than are kept.</param>
/// <param name="Errors">How many spans failed.</param>
public sealed record TraceSummary(
    string TraceId, Span Root, long StartNanos, long DurationNanos, IReadOnlyList<(TelemetryResource Resource, int Spans)> Resources, int SpanCount, int DroppedSpans, int Errors);

/// <summary>The newest traces, by id, with an index of the links between them.</summary>
internal sealed class TraceStore(TelemetryLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Trace> _traces = [];
    private readonly Queue<Trace> _byArrival = new();
    private readonly Dictionary<string, List<IncomingLink>> _linksTo = [];
    private int _spanCount;
    private long _added;

    /// <summary>How many spans ever came; changes with every one.</summary>
    public long Version => Volatile.Read(ref _added);

    public void Add(IReadOnlyList<Span> spans)
    {
        lock (_gate)
        {
            foreach (var span in spans)
            {
                Add(span);
            }

            while (_byArrival.Count > limits.MaxTraceCount || (_spanCount > limits.MaxSpanCount && _byArrival.Count > 1))
            {
                Remove(_byArrival.Dequeue());
            }
        }
    }

    /// <summary>All traces, the one that began last first.</summary>
    public TraceSummary[] Summaries()
    {
        TraceSummary[] summaries;
        lock (_gate)
        {
            summaries = [.. _byArrival.Select(trace => trace.Summary)];
        }

        Array.Sort(summaries, static (a, b) => b.StartNanos.CompareTo(a.StartNanos));
        return summaries;
    }

    /// <summary>One trace and its spans by begin, or null. A shortened id will do if it has 7 digits at least.</summary>
    public (TraceSummary Summary, Span[] Spans)? Find(string traceId)
    {
        const int shortened = 7;
        lock (_gate)
        {
            var trace = _traces.GetValueOrDefault(traceId)
                ?? (traceId.Length is >= shortened and < 32 ? _byArrival.FirstOrDefault(t => t.Id.StartsWith(traceId, StringComparison.OrdinalIgnoreCase)) : null);
            return trace is null ? null : (trace.Summary, [.. trace.Spans.OrderBy(span => span.StartNanos)]);
        }
    }

    /// <summary>The spans, of any trace, that link to a trace.</summary>
    public IncomingLink[] LinksTo(string traceId)
    {
        lock (_gate)
        {
            return _linksTo.TryGetValue(traceId, out var links) ? [.. links] : [];
        }
    }

    /// <summary>The spans that came after the one numbered <paramref name="sequence"/>, in the order they came.</summary>
    public Span[] Since(long sequence)
    {
        lock (_gate)
        {
            return [.. _byArrival.Where(trace => trace.LastSequence > sequence).SelectMany(trace => trace.Spans).Where(span => span.Sequence > sequence).OrderBy(span => span.Sequence)];
        }
    }

    private void Add(Span span)
    {
        span.Sequence = ++_added;
        if (!_traces.TryGetValue(span.TraceId, out var trace))
        {
            _traces.Add(span.TraceId, trace = new Trace(span.TraceId));
            _byArrival.Enqueue(trace);
        }

        if (!trace.Add(span, limits.MaxSpansPerTrace))
        {
            return;
        }

        _spanCount++;
        foreach (var link in span.Links)
        {
            if (!_linksTo.TryGetValue(link.TraceId, out var links))
            {
                _linksTo.Add(link.TraceId, links = []);
            }

            links.Add(new(span.TraceId, span.SpanId, link.SpanId));
        }
    }

    private void Remove(Trace trace)
    {
        _traces.Remove(trace.Id);
        _spanCount -= trace.Spans.Count;
        foreach (var target in trace.Spans.SelectMany(span => span.Links).Select(link => link.TraceId).Distinct())
        {
            if (_linksTo.TryGetValue(target, out var links) && links.RemoveAll(link => link.TraceId == trace.Id) > 0 && links.Count == 0)
            {
                _linksTo.Remove(target);
            }
        }
    }

    /// <summary>The spans of one trace, and its summary, made anew after spans came.</summary>
    private sealed class Trace(string id)
    {
        private readonly HashSet<string> _spanIds = [];
        private TraceSummary? _summary;
        private int _dropped;

        public string Id { get; } = id;

        public List<Span> Spans { get; } = [];

        public long LastSequence { get; private set; }

        public TraceSummary Summary => _summary ??= Summarize();

        /// <summary>False for a span too many, and for one that is here already: senders repeat what they got no answer for.</summary>
        public bool Add(Span span, int limit)
        {
            if (_spanIds.Contains(span.SpanId))
            {
                return false;
            }

            _summary = null;
            LastSequence = span.Sequence;
            if (Spans.Count >= limit)
            {
                _dropped++;
                return false;
            }

            Spans.Add(span);
            _spanIds.Add(span.SpanId);
            return true;
        }

        private TraceSummary Summarize()
        {
            var root = Spans[0];
            var (start, end, errors) = (long.MaxValue, 0L, 0);
            var resources = new List<(TelemetryResource Resource, int Spans)>();
            foreach (var span in Spans)
            {
                if ((span.ParentSpanId.Length == 0, -span.StartNanos).CompareTo((root.ParentSpanId.Length == 0, -root.StartNanos)) > 0)
                {
                    root = span;
                }

                start = Math.Min(start, span.StartNanos);
                end = Math.Max(end, span.EndNanos);
                errors += span.Status == SpanStatus.Error ? 1 : 0;
                var at = resources.FindIndex(r => ReferenceEquals(r.Resource, span.Resource));
                if (at < 0)
                {
                    resources.Add((span.Resource, 1));
                }
                else
                {
                    resources[at] = (span.Resource, resources[at].Spans + 1);
                }
            }

            return new(Id, root, start, Math.Max(0, end - start), resources, Spans.Count, _dropped, errors);
        }
    }
}
