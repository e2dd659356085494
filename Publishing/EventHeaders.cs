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

    /// <summary>Of a message without a value: whether its key is an <c>attempt</c> or a <c>student</c>; see <see cref="Tombstone"/>.</summary>
    public const string Erase = "erase";

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

    // In characters: what anybody may write into a header has to fit into an index of the tables.
    private const int LongestReason = 500;

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

    /// <summary>Says where a person finds the message: should ingest refuse it, its dead letter names file and line.</summary>
    /// <param name="headers">The message's headers.</param>
    /// <param name="file">The file's name, without its folder.</param>
    /// <param name="line">The line where the message starts, from 1.</param>
    public static void AddPlace(this Headers headers, string file, long line)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers.Add(SourceFile, Encoding.UTF8.GetBytes(file));
        headers.Add(SourceLine, Decimal(line));
    }

    /// <summary>The file and the line that a message came from; null where it came another way.</summary>
    public static (string? File, long? Line) PlaceIn(Headers? headers) => (TextIn(headers, SourceFile), NumberIn(headers, SourceLine));

    /// <summary>The dead letter that the message was sent again for; null where there is none.</summary>
    public static long? ReplayOfIn(Headers? headers) => NumberIn(headers, ReplayOf);

    /// <summary>What the header <c>erase</c> says; null where there is none.</summary>
    public static string? EraseIn(Headers? headers) => TextIn(headers, Erase);

    /// <summary>Marks what is no event.</summary>
    /// <param name="headers">The message's headers.</param>
    /// <param name="reason">What is wrong, in one sentence.</param>
    /// <param name="slice">Where it stands in its file.</param>
    public static void AddFault(this Headers headers, string reason, in EventSlice slice)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers.Add(DeadLetterReason, Encoding.UTF8.GetBytes(reason));
        headers.Add(SourceOffset, Decimal(slice.Offset));
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
        TextIn(headers, DeadLetterReason) switch
        {
            "" => "The publisher gave no reason.",
            { Length: > LongestReason } reason => reason[..(char.IsHighSurrogate(reason[LongestReason - 1]) ? LongestReason - 1 : LongestReason)],
            var reason => reason,
        };

    /// <summary>A header's text as PostgreSQL can hold it; empty for one without a value, null where there is none.</summary>
    private static string? TextIn(Headers? headers, string name) => headers is not null && headers.TryGetLastBytes(name, out var text)
        ? Encoding.UTF8.GetString(text ?? []).Replace('\0', '\uFFFD')
        : null;

    private static long? NumberIn(Headers? headers, string name) =>
        headers is not null && headers.TryGetLastBytes(name, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static byte[] Decimal(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
