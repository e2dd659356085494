using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Publishing;

namespace Ingest.Worker.Batches;

/// <summary>
/// The publishers' spans that a batch's messages name in their header <c>traceparent</c> (W3C Trace Context). Neighbours mostly name the same one,
/// so only a change is parsed; the number kept is bounded.
/// </summary>
internal sealed class BatchOrigins
{
    private const int Most = 32;
    private readonly HashSet<ActivityContext> _contexts = [];
    private byte[] _last = [];
    private bool _isOneTrace = true;

    public void Add(Headers? headers)
    {
        if (headers is null || !headers.TryGetLastBytes(EventHeaders.TraceParent, out var bytes) || bytes is null)
        {
            _isOneTrace = false;
            return;
        }

        if (bytes.AsSpan().SequenceEqual(_last))
        {
            return;
        }

        _last = bytes;
        if (!ActivityContext.TryParse(Encoding.ASCII.GetString(bytes), traceState: null, isRemote: true, out var context))
        {
            _isOneTrace = false;
            return;
        }

        _isOneTrace &= _contexts.Count == 0 || _contexts.First().TraceId == context.TraceId;
        if (_contexts.Count < Most)
        {
            _contexts.Add(context);
        }
    }

    /// <summary>The first publisher's span if all of the batch came from its trace; else none, which makes the batch a trace of its own.</summary>
    public ActivityContext Parent => _isOneTrace && _contexts.Count > 0 ? _contexts.First() : default;

    /// <summary>All but the parent.</summary>
    public IEnumerable<ActivityLink> Links => _contexts.Where(context => context != Parent).Select(context => new ActivityLink(context));
}
