namespace Assessments;

/// <summary>One piece of a file of events: a JSON value, or what stands where one should be.</summary>
/// <param name="Bytes">The exact bytes, valid until the next slice is asked for. Of a slice that is larger than the limit only the first ones.</param>
/// <param name="Index">Counts the slices of the file from 0, faulty ones included.</param>
/// <param name="Offset">Where the slice starts, in bytes of the uncompressed file.</param>
/// <param name="Line">The line where the slice starts; the first is 1.</param>
/// <param name="TotalBytes">How long the slice is in the file; more than <paramref name="Bytes"/> holds if it is larger than the limit.</param>
/// <param name="Fault">
/// Null for a value whose brackets and strings are whole (words, numbers and escapes are the reader's to judge); else one sentence that says what is
/// wrong.
/// </param>
public readonly record struct EventSlice(ReadOnlyMemory<byte> Bytes, long Index, long Offset, long Line, long TotalBytes, string? Fault);
