using System.IO.Compression;
using Assessments;
using BenchmarkDotNet.Attributes;
using Data.Generator;
using ZstdSharp;

namespace Benchmarks;

/// <summary>Taking events apart, and files of them. Times are per event; an event has about 2.7 KB.</summary>
[MemoryDiagnoser]
public class EventReading
{
    private const int Events = 10_000;

    private byte[][] _events = [];
    private byte[] _lines = [];
    private byte[] _gzip = [];
    private byte[] _zstd = [];

    [GlobalSetup]
    public void MakeEvents()
    {
        var lines = new MemoryStream();
        LoadGenerator.Write(lines, new LoadOptions { Attempts = Events, Redelivered = 0, Replaced = 0 });
        _lines = lines.ToArray();
        _events = [.. EventFile.ReadAsync(new MemoryStream(_lines)).ToBlockingEnumerable().Select(slice => slice.Bytes.ToArray())];
        _gzip = Compress(stream => new GZipStream(stream, CompressionLevel.Optimal));
        _zstd = Compress(stream => new CompressionStream(stream));
        Console.WriteLine($"// {_lines.Length / Events} bytes an event");
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Event()
    {
        var questions = 0;
        foreach (var bytes in _events)
        {
            questions += AttemptEventReader.Read(bytes).Questions.Count;
        }

        return questions;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public Task<long> File_of_lines() => Split(_lines);

    [Benchmark(OperationsPerInvoke = Events)]
    public Task<long> File_in_gzip() => Split(_gzip);

    [Benchmark(OperationsPerInvoke = Events)]
    public Task<long> File_in_zstd() => Split(_zstd);

    private static async Task<long> Split(byte[] file)
    {
        long bytes = 0;
        await using var stream = await EventFile.UncompressAsync(new MemoryStream(file));
        await foreach (var slice in EventFile.ReadAsync(stream))
        {
            bytes += slice.Bytes.Length;
        }

        return bytes;
    }

    private byte[] Compress(Func<Stream, Stream> compressor)
    {
        var output = new MemoryStream();
        using (var stream = compressor(output))
        {
            stream.Write(_lines);
        }

        return output.ToArray();
    }
}
