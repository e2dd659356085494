namespace Assessments;

/// <summary>The limits within which a file of events is read.</summary>
public sealed record EventFileOptions
{
    /// <summary>The size of the largest event in bytes, 1,000,000 by default. A larger one is passed by and reported with its first bytes.</summary>
    public int MaxEventBytes { get; init; } = EventLimits.Bytes;

    /// <summary>How many bytes are read at most, uncompressed; no limit by default. What follows is not read, and one fault says so.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>How many bytes of an event that is too large are kept, 1,024 by default.</summary>
    public int KeptBytes { get; init; } = 1_024;
}
