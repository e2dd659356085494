using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Assessments;

/// <summary>Reads files of events: a JSON array, one event a line, events one after another, or one event; plain, gzip or zstd.</summary>
public static class EventFile
{
    /// <summary>Opens a file, or standard input for "-", and uncompresses it if it begins as gzip or zstd does, whatever its name.</summary>
    /// <param name="path">The file's path, or "-".</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static async ValueTask<Stream> OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        Stream file = path == "-"
            ? Console.OpenStandardInput()
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            return await UncompressAsync(file, cancellationToken);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A stream of what <paramref name="source"/> holds, uncompressed if it begins as gzip (RFC 1952) or zstd (RFC 8878) does. Disposing it disposes the source.
    /// Where the compressed data is broken or ends early, its reads throw <see cref="InvalidDataException"/> with one sentence, after all that was whole.
    /// </summary>
    /// <param name="source">The bytes from the start of the file on.</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes.</param>
    public static async ValueTask<Stream> UncompressAsync(Stream source, CancellationToken cancellationToken = default)
    {
        var pipe = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: 128 * 1024));
        ReadResult first = await pipe.ReadAtLeastAsync(4, cancellationToken);
        byte[] magic = System.Buffers.BuffersExtensions.ToArray(first.Buffer.Slice(0, Math.Min(4, first.Buffer.Length)));
        pipe.AdvanceTo(first.Buffer.Start);
        Stream stream = pipe.AsStream();
        return magic.AsSpan().StartsWith(FileFormat.GzipMagic) ? new GzipReader(stream)
            : magic.AsSpan().StartsWith(FileFormat.ZstdMagic) ? new ZstdReader(stream)
            : stream;
    }

    /// <summary>Takes a file of events apart, one slice at a time; what is no event comes as a slice with a fault, in its place.</summary>
    /// <param name="stream">The uncompressed file; see <see cref="OpenAsync"/>.</param>
    /// <param name="options">Limits; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The slices in the file's order. The bytes of each are valid until the next.</returns>
    public static async IAsyncEnumerable<EventSlice> ReadAsync(
        Stream stream, EventFileOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var splitter = new EventSplitter(options ?? new EventFileOptions());
        for (bool more = true; more;)
        {
            try
            {
                int read = await stream.ReadAsync(splitter.GetMemory(), cancellationToken);
                splitter.Advance(read);
                more = read > 0;
                if (!more)
                {
                    splitter.Finish(fault: null);
                }
            }
            catch (InvalidDataException broken)
            {
                more = false;
                splitter.Finish(broken.Message);
            }

            while (splitter.TryRead(out EventSlice slice))
            {
                yield return slice;
            }
        }
    }
}
