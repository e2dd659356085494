using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Assessments;

/// <summary>Reads files of events: a JSON array, one event a line, events one after another, or one event; plain, gzip or zstd.</summary>
public static class EventFile
{
    /// <summary>
    /// A stream of what <paramref name="source"/> holds, uncompressed if it begins as gzip (RFC 1952) or zstd (RFC 8878) does. Disposing it disposes the
    /// source.
    /// Where the compressed data is broken or ends early, its reads throw <see cref="InvalidDataException"/> with one sentence, after all that was whole.
    /// </summary>
    /// <param name="source">The bytes from the start of the file on.</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes.</param>
    public static async ValueTask<Stream> UncompressAsync(Stream source, CancellationToken cancellationToken = default)
    {
        var pipe = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: 128 * 1024));
        var first = await pipe.ReadAtLeastAsync(4, cancellationToken);
        var magic = System.Buffers.BuffersExtensions.ToArray(first.Buffer.Slice(0, Math.Min(4, first.Buffer.Length)));
        pipe.AdvanceTo(first.Buffer.Start);
        var stream = pipe.AsStream();
        return magic.AsSpan().StartsWith(FileFormat.GzipMagic) ? new GzipReader(stream)
            : magic.AsSpan().StartsWith(FileFormat.ZstdMagic) ? new ZstdReader(stream)
            : stream;
    }

    /// <summary>Takes a file of events apart, one slice at a time; what is no event comes as a slice with a fault, in its place.</summary>
    /// <param name="stream">The uncompressed file; see <see cref="UncompressAsync"/>.</param>
    /// <param name="options">Limits; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the reading, also between two slices.</param>
    /// <returns>The slices in the file's order. The bytes of each are valid until the next.</returns>
    /// <exception cref="OtherFormatException">The first bytes say that this is no file of JSON. Nothing more is read.</exception>
    public static async IAsyncEnumerable<EventSlice> ReadAsync(
        Stream stream, EventFileOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new EventFileOptions();
        var splitter = new EventSplitter(options);
        var left = options.MaxBytes;
        var isKnown = false;
        for (var more = true; more;)
        {
            try
            {
                var room = splitter.GetMemory();
                var read = await stream.ReadAsync(room[..(int)Math.Clamp(left, 1, room.Length)], cancellationToken);
                more = read > 0 && left > 0;
                left -= read;
                if (more)
                {
                    splitter.Advance(read);
                }
                else
                {
                    splitter.Finish(read == 0 ? null : string.Create(
                        CultureInfo.InvariantCulture, $"There are more than {options.MaxBytes} bytes, uncompressed: what follows was not read."));
                }
            }
            catch (InvalidDataException broken)
            {
                more = false;
                splitter.Finish(broken.Message);
            }

            if (!isKnown)
            {
                isKnown = !more || FileFormat.IsEnough(splitter.Start);
                if (!isKnown)
                {
                    continue;
                }

                if (FileFormat.Of(splitter.Start) is { } other)
                {
                    throw new OtherFormatException(other);
                }
            }

            while (splitter.TryRead(out var slice))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return slice;
            }
        }
    }
}
