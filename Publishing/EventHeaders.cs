using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Assessments;
using Confluent.Kafka;

namespace Publishing;

/// <summary>The headers of the messages on the topic: where a message comes from, and what a publisher already knows to be wrong with it.</summary>
public static class EventHeaders
{
    /// <summary>The publisher's span, as W3C Trace Context writes it.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>Why the message is no event, in one sentence in UTF-8: ingest makes it a dead letter for this reason.</summary>
    public const string DeadLetterReason = "dead-letter-reason";

    /// <summary>The number of the dead letter that is sent again, in decimal.</summary>
    public const string ReplayOf = "replay-of";

    /// <summary>The first 16 bytes of the SHA-256 of the file as it is stored.</summary>
    public const string SourceDigest = "source-digest";

    /// <summary>The place among the file's slices, from 0, as 8 bytes, big-endian.</summary>
    public const string SourceIndex = "source-index";

    /// <summary>The file's name, without its folder.</summary>
    public const string SourceFile = "source-file";

    /// <summary>The line of the file where the message starts, from 1, in decimal.</summary>
    public const string SourceLine = "source-line";

    /// <summary>Where the message starts in the uncompressed file, in bytes, in decimal.</summary>
    public const string SourceOffset = "source-offset";

    /// <summary>How long the message is in the file, in bytes, in decimal; a message that is too large is sent without its end.</summary>
    public const string SourceBytes = "source-bytes";

    /// <summary>Says which of a file's slices a message is, so that <c>publish --once</c> finds it again.</summary>
    /// <param name="headers">The message's headers.</param>
    /// <param name="digest">The file's digest.</param>
    /// <param name="index">The slice's place, from 0.</param>
    public static void AddSource(this Headers headers, byte[] digest, long index)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var place = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(place, index);
        headers.Add(SourceDigest, digest);
        headers.Add(SourceIndex, place);
    }

    /// <summary>Marks what is no event, with its place in the file.</summary>
    /// <param name="headers">The message's headers.</param>
    /// <param name="reason">What is wrong, in one sentence.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="slice">Its place.</param>
    public static void AddFault(this Headers headers, string reason, string file, in EventSlice slice)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers.Add(DeadLetterReason, Encoding.UTF8.GetBytes(reason));
        headers.Add(SourceFile, Encoding.UTF8.GetBytes(file));
        headers.Add(SourceOffset, Decimal(slice.Offset));
        headers.Add(SourceLine, Decimal(slice.Line));
        headers.Add(SourceBytes, Decimal(slice.TotalBytes));
    }

    /// <summary>The header of a dead letter that is sent again.</summary>
    public static void AddReplayOf(this Headers headers, long deadLetterId)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers.Add(ReplayOf, Decimal(deadLetterId));
    }

    /// <summary>The place among the slices of the file with this digest; null for every other message.</summary>
    public static long? SourceIndexIn(Headers? headers, ReadOnlySpan<byte> digest) =>
        headers is not null
        && headers.TryGetLastBytes(SourceDigest, out var its) && digest.SequenceEqual(its)
        && headers.TryGetLastBytes(SourceIndex, out var index) && index is { Length: sizeof(long) }
            ? BinaryPrimitives.ReadInt64BigEndian(index)
            : null;

    /// <summary>Why a publisher took the message for no event; null where none did.</summary>
    public static string? DeadLetterReasonIn(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(DeadLetterReason, out var reason)
            ? reason is null ? "The publisher gave no reason." : Encoding.UTF8.GetString(reason).Replace('\0', '\uFFFD')
            : null;

    private static byte[] Decimal(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
