namespace Ingest.Worker.Batches;

/// <summary>What goes to the database in one transaction: messages of any of the worker's partitions, in the order in which they were read.</summary>
internal sealed class Batch(long startedAt)
{
    private readonly List<IncomingMessage> _messages = [];

    public IReadOnlyList<IncomingMessage> Messages => _messages;

    /// <summary>When the first message came, as a timestamp of <see cref="TimeProvider"/>.</summary>
    public long StartedAt => startedAt;

    /// <summary>The size of keys and values.</summary>
    public long Bytes { get; private set; }

    public BatchOrigins Origins { get; } = new();

    public void Add(IncomingMessage message)
    {
        _messages.Add(message);
        Bytes += message.Bytes;
        Origins.Add(message.Headers);
    }
}
