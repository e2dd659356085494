namespace Kafka.Broker.Log;

/// <summary>What a partition's log honours of its topic's configuration; replaced as a whole when that is altered.</summary>
internal sealed record LogConfig
{
    /// <summary>Milliseconds; -1 keeps for ever.</summary>
    public long RetentionMs { get; init; } = 7 * 24 * 3600 * 1000L;

    /// <summary>Bytes of a partition; -1 is no limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    public int SegmentBytes { get; init; } = 1 << 30;

    /// <summary>Milliseconds between the first record of a segment and the first of the next.</summary>
    public long SegmentMs { get; init; } = 7 * 24 * 3600 * 1000L;

    /// <summary>The largest batch, in bytes as sent.</summary>
    public int MaxMessageBytes { get; init; } = 1048588;

    /// <summary>message.timestamp.type: the producer's time, or the broker's at the append.</summary>
    public bool LogAppendTime { get; init; }
}
