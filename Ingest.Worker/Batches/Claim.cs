namespace Ingest.Worker.Batches;

/// <summary>
/// The right to write what one partition holds: from the assignment of the partition until it is revoked or another worker claims it.
/// The database keeps the epoch, and a transaction under an older one is refused.
/// </summary>
internal sealed class Claim(string topic, string topicId, int partition, long epoch, long position, bool isFresh)
{
    private volatile bool _isGivenUp;
    private volatile bool _isFree;
    private long _committed = position;

    public string Topic => topic;

    /// <summary>Kafka's id of the topic; one made anew under the same name has another.</summary>
    public string TopicId => topicId;

    public int Partition => partition;

    public long Epoch => epoch;

    /// <summary>The partition's key in the database.</summary>
    public int PlaceId { get; init; }

    /// <summary>The offset that is expected next from Kafka; only the reading thread uses it.</summary>
    public long Position { get; set; } = position;

    /// <summary>Whether nothing of this partition had been ingested when it was claimed.</summary>
    public bool IsFresh => isFresh;

    /// <summary>Whether the partition is another worker's now: what was read of it is not written any more.</summary>
    public bool IsGivenUp => _isGivenUp;

    /// <summary>Whether it was given up since the tables were rebuilt: nobody has claimed the partition in them.</summary>
    public bool IsFree => _isFree;

    public void GiveUp(bool isFree = false) => (_isFree, _isGivenUp) = (isFree, true);

    /// <summary>The partition is about to be claimed anew.</summary>
    public void Leave() => _isFree = false;

    /// <summary>Kafka's leader epochs of what was read, in the order of their offsets; empty where none is known. Only the reading thread uses it.</summary>
    public LeaderEpochs Read { get; init; } = new();

    /// <summary>Those of what is in the database. Only the writing thread uses it.</summary>
    public LeaderEpochs Stored { get; set; } = new();

    /// <summary>The place that the database has.</summary>
    public long Committed { get => Interlocked.Read(ref _committed); set => Interlocked.Exchange(ref _committed, value); }
}
