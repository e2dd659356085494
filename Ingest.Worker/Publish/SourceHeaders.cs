using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Consume;

namespace Ingest.Worker.Publish;

/// <summary>The headers that say where a message comes from: which file, and which place in it.</summary>
internal static class SourceHeaders
{
    /// <summary>The first 16 bytes of the SHA-256 of the file as it is stored.</summary>
    public const string Digest = "source-digest";

    /// <summary>The place among the file's slices, from 0, as 8 bytes, big-endian.</summary>
    public const string Index = "source-index";

    private const int DigestBytes = 16;

    public static async Task<byte[]> DigestAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return (await SHA256.HashDataAsync(stream, cancellationToken))[..DigestBytes];
    }

    /// <summary>The headers of one message.</summary>
    /// <param name="traceParent">The publisher's span as W3C Trace Context writes it; null where nobody listens.</param>
    /// <param name="digest">Of the file; null for standard input.</param>
    /// <param name="index">Of the slice.</param>
    public static Headers Of(byte[]? traceParent, byte[]? digest, long index)
    {
        var headers = new Headers();
        if (traceParent is not null)
        {
            headers.Add(BatchOrigins.TraceParentHeader, traceParent);
        }

        if (digest is not null)
        {
            var place = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(place, index);
            headers.Add(Digest, digest);
            headers.Add(Index, place);
        }

        return headers;
    }

    /// <summary>Marks what is no event, with its place in the file.</summary>
    public static void AddFault(Headers headers, string reason, string file, in EventSlice slice)
    {
        headers.Add(IncomingMessage.DeadLetterReasonHeader, Encoding.UTF8.GetBytes(reason));
        headers.Add("source-file", Encoding.UTF8.GetBytes(Path.GetFileName(file)));
        headers.Add("source-offset", Number(slice.Offset));
        headers.Add("source-line", Number(slice.Line));
        headers.Add("source-bytes", Number(slice.TotalBytes));
    }

    /// <summary>The index of a message of the file with this digest; null for every other message.</summary>
    public static long? IndexIn(Headers? headers, ReadOnlySpan<byte> digest) =>
        headers is not null
        && headers.TryGetLastBytes(Digest, out var its) && digest.SequenceEqual(its)
        && headers.TryGetLastBytes(Index, out var index) && index is { Length: sizeof(long) }
            ? BinaryPrimitives.ReadInt64BigEndian(index)
            : null;

    private static byte[] Number(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
