using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Assessments;

namespace Publishing;

/// <summary>One value of a file or a body: an event with its Kafka key, or the reason why it is none.</summary>
/// <param name="Slice">Its bytes, valid until the next is asked for, and its place.</param>
/// <param name="Key">The Kafka key; null for what is no event.</param>
/// <param name="Reason">What is wrong with it, in one sentence; null for an event.</param>
public readonly record struct CheckedEvent(EventSlice Slice, byte[]? Key, string? Reason);

/// <summary>What may go on the topic as an event: that which ingest will take, since both ask the same reader.</summary>
public static class EventCheck
{
    /// <summary>Reads the whole event, since one that ingest can't read is better refused here than found among the dead letters.</summary>
    /// <param name="utf8">The event's bytes.</param>
    /// <param name="key">The Kafka key, its user_exam_id in UTF-8, which keeps one attempt's events in order in one partition.</param>
    /// <param name="reason">What is wrong with it, in one sentence.</param>
    public static bool TryReadKey(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? reason)
    {
        (key, var invalid) = Read(utf8);
        reason = invalid?.Reason;
        return key is not null;
    }

    /// <summary>Takes a file or a body apart and checks each value of it.</summary>
    /// <param name="source">The bytes from the start on; plain, gzip or zstd. It is disposed at the end.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="OtherFormatException">The first bytes, or the first value, are of another format: all that follows would be too.</exception>
    public static async IAsyncEnumerable<CheckedEvent> ReadAsync(
        Stream source, EventFileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await EventFile.UncompressAsync(source, cancellationToken);
        await foreach (var slice in EventFile.ReadAsync(stream, options, cancellationToken))
        {
            if (slice.Fault is not null)
            {
                yield return new CheckedEvent(slice, null, slice.Fault);
                continue;
            }

            var (key, invalid) = Read(slice.Bytes.Span);
            if (invalid is { IsOtherFormat: true } && slice.Index == 0)
            {
                throw new OtherFormatException(invalid.Reason);
            }

            yield return new CheckedEvent(slice, key, invalid?.Reason);
        }
    }

    private static (byte[]? Key, InvalidEventException? Invalid) Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return (Encoding.UTF8.GetBytes(AttemptEventReader.Read(utf8).UserExamId), null);
        }
        catch (InvalidEventException invalid)
        {
            return (null, invalid);
        }
    }
}
