namespace Kafka.Broker.Protocol;

/// <summary>One of Kafka's APIs: its key, the versions served, and the first of them that is flexible (KIP-482).</summary>
internal abstract class Api(short key, short min, short max, short flexibleFrom)
{
    public short Key { get; } = key;

    public short Min { get; } = min;

    public short Max { get; } = max;

    /// <summary>The lowest version that ApiVersions names; it differs only for Produce.</summary>
    public virtual short AdvertisedMin => Min;

    /// <summary>Not for ApiVersions: a client must read its answer before it knows what the broker speaks.</summary>
    public virtual bool HasFlexibleResponseHeader => true;

    public bool IsFlexible(short version) => version >= flexibleFrom;

    /// <summary>Reads the request and writes the answer after its header; waits only where the protocol says so.</summary>
    public abstract ValueTask AnswerAsync(Request request, ResponseWriter answer, CancellationToken stop);
}

/// <summary>An API whose answer never waits.</summary>
internal abstract class ImmediateApi(short key, short min, short max, short flexibleFrom) : Api(key, min, max, flexibleFrom)
{
    public sealed override ValueTask AnswerAsync(Request request, ResponseWriter answer, CancellationToken stop)
    {
        Answer(request, answer);
        return ValueTask.CompletedTask;
    }

    protected abstract void Answer(Request request, ResponseWriter answer);
}
