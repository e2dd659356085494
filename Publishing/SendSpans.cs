using System.Diagnostics;
using System.Text;

namespace Publishing;

/// <summary>One span for some hundreds of messages, whose context goes into their headers.</summary>
internal sealed class SendSpans(string topic, TimeProvider time) : IDisposable
{
    public const string SourceName = "Publishing";

    private const int MostMessages = 500;
    private static readonly ActivitySource Source = new(SourceName);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private Activity? _span;
    private byte[]? _traceParent;
    private int _messages;
    private long _start;

    /// <summary>The context for the next message, as the header <c>traceparent</c> has it; null where nobody listens.</summary>
    public byte[]? Next()
    {
        if (_messages == MostMessages || (_messages > 0 && time.GetElapsedTime(_start) >= Longest))
        {
            Dispose();
        }

        if (_messages++ == 0)
        {
            _start = time.GetTimestamp();
            _span = Source.StartActivity(
                ActivityKind.Producer,
                tags:
                [
                    new("messaging.system", "kafka"),
                    new("messaging.operation.name", "send"),
                    new("messaging.operation.type", "send"),
                    new("messaging.destination.name", topic),
                ],
                name: $"send {topic}");
            _traceParent = _span?.Id is { } id ? Encoding.ASCII.GetBytes(id) : null;
        }

        return _traceParent;
    }

    /// <summary>Ends the span of the messages so far.</summary>
    public void Dispose()
    {
        _span?.SetTag("messaging.batch.message_count", _messages);
        _span?.Dispose();
        _span = null;
        _messages = 0;
    }
}
