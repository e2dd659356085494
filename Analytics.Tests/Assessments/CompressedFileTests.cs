using System.IO.Compression;
using System.Text;
using Assessments;
using CsCheck;
using ZstdSharp;

namespace Analytics.Tests.Assessments;

public sealed class CompressedFileTests
{
    private const int Events = 20_000;

    private static readonly byte[] EventsFile = Encoding.UTF8.GetBytes(string.Concat(
        Enumerable.Range(0, Events).Select(i => $"{{\"n\":{i},\"id\":\"{(uint)i * 2654435761:x8}\"}}\n")));

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.SmallestSize)]
    public async Task Gzip_is_known_by_its_first_bytes(CompressionLevel level) =>
        Assert.Equal((Events, null), await Read(Gzip(EventsFile, level)));

    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    public async Task Zstd_is_known_by_its_first_bytes(int level) => Assert.Equal((Events, null), await Read(Zstd(EventsFile, level)));

    [Fact]
    public async Task Members_and_frames_follow_one_another()
    {
        var half = EventsFile[..(EventsFile.Length / 2)];
        var rest = EventsFile[half.Length..];

        Assert.Equal((Events, null), await Read([.. Gzip(half), .. Gzip([]), .. Gzip(rest), .. new byte[512]]));
        Assert.Equal((Events, null), await Read([.. Zstd(half), .. Zstd(rest)]));
    }

    [Fact]
    public async Task A_gzip_header_may_have_every_part()
    {
        var plain = Gzip("{\"n\":1}"u8.ToArray());
        byte[] header = [0x1F, 0x8B, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "name\0a comment\0"u8, 0xAB, 0xCD];

        Assert.Equal((1, null), await Read([.. header, .. plain[10..]]));
    }

    [Fact]
    public async Task A_gzip_that_ends_early_gives_all_that_came_before_and_says_so()
    {
        var gzip = Gzip(EventsFile);

        (var whole, var fault) = await Read(gzip[..(gzip.Length / 2)]);
        Assert.InRange(whole, Events / 3, Events * 2 / 3);
        Assert.Equal($"The event is cut off: The gzip ends early after {gzip.Length / 2} bytes.", fault);

        Assert.Equal((Events, $"The gzip ends early, or has a wrong checksum or length, after {gzip.Length - 5} bytes."), await Read(gzip[..^5]));
        Assert.Equal((0, "The gzip ends early after 0 bytes."), await Read(gzip[..5]));
    }

    [Fact]
    public async Task A_zstd_that_ends_early_gives_all_that_came_before_and_says_so()
    {
        var zstd = Zstd(EventsFile);

        (var whole, var fault) = await Read(zstd[..(zstd.Length * 3 / 4)]);
        Assert.InRange(whole, 1, Events - 1);
        Assert.EndsWith($"The zstd ends early after {zstd.Length * 3 / 4} bytes.", fault);
    }

    [Fact]
    public async Task A_wrong_checksum_is_told_after_everything()
    {
        var gzip = Gzip(EventsFile);
        gzip[^8] ^= 1;
        Assert.Equal((Events, $"The gzip ends early, or has a wrong checksum or length, after {gzip.Length} bytes."), await Read(gzip));

        gzip[^8] ^= 1;
        gzip[^1] ^= 1;
        Assert.Equal((Events, $"The gzip ends early, or has a wrong checksum or length, after {gzip.Length} bytes."), await Read(gzip));
    }

    [Fact]
    public async Task What_follows_a_compressed_file_is_told()
    {
        byte[] gzip = Gzip(EventsFile), zstd = Zstd(EventsFile);

        Assert.Equal((Events, $"The gzip is followed by something else after {gzip.Length} bytes."), await Read([.. gzip, .. "hello"u8]));
        Assert.Equal((Events, $"The zstd is broken after {zstd.Length} bytes."), await Read([.. zstd, .. "hello, zstd"u8]));
    }

    [Fact]
    public async Task A_file_that_is_gzip_only_by_name_is_read_as_it_is()
    {
        var folder = Directory.CreateTempSubdirectory("events-").FullName;
        try
        {
            var path = Path.Combine(folder, "events.json.gz");
            await File.WriteAllBytesAsync(path, EventsFile, TestContext.Current.CancellationToken);
            await using (var plain = await EventFile.UncompressAsync(File.OpenRead(path), TestContext.Current.CancellationToken))
            {
                Assert.Equal((Events, null), await Count(plain));
            }

            path = Path.Combine(folder, "events.json");
            await File.WriteAllBytesAsync(path, Gzip(EventsFile), TestContext.Current.CancellationToken);
            await using var gzip = await EventFile.UncompressAsync(File.OpenRead(path), TestContext.Current.CancellationToken);
            Assert.Equal((Events, null), await Count(gzip));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Whatever_was_compressed_comes_back_in_pieces_of_any_size() =>
        Gen.Select(Content, Gen.OneOf(Enum.GetValues<CompressionLevel>()), Gen.Int[1, 3000], Gen.Int).Sample(
            (bytes, level, most, seed) => Uncompress(new TricklingStream(Gzip(bytes, level), most, seed)) is var (output, fault)
                && fault is null && output.AsSpan().SequenceEqual(bytes),
            iter: 300);

    [Fact]
    public void A_damaged_gzip_gives_the_right_beginning_or_says_what_is_wrong() =>
        Gen.Select(Content, Gen.Int[0, 1_000_000], Gen.Byte[1, 255]).Sample(
            (bytes, place, flip) =>
            {
                byte[] content = [.. bytes, 0]; // Of nothing, .NET makes no gzip at all.
                var gzip = Gzip(content);
                gzip[place % gzip.Length] ^= flip;
                (var output, var fault) = Uncompress(new MemoryStream(gzip));
                return fault is not null || output.AsSpan().SequenceEqual(content) || place % gzip.Length < 2;
            },
            iter: 1_000);

    /// <summary>Runs, repetitions and noise.</summary>
    private static Gen<byte[]> Content { get; } = Gen.OneOf(
        Gen.Byte.Array[0, 2000],
        Gen.Select(Gen.Byte.Array[1, 300], Gen.Int[1, 700], (part, times) => Enumerable.Repeat(part, times).SelectMany(bytes => bytes).ToArray()),
        Gen.OneOf((byte)'a', (byte)'b', (byte)'c').Array[0, 60_000]);

    private static (byte[] Output, string? Fault) Uncompress(Stream source)
    {
        using var stream = EventFile.UncompressAsync(source).AsTask().GetAwaiter().GetResult();
        var output = new MemoryStream();
        try
        {
            stream.CopyTo(output);
            return (output.ToArray(), null);
        }
        catch (InvalidDataException invalid)
        {
            return (output.ToArray(), invalid.Message);
        }
    }

    private static async Task<(int Whole, string? Fault)> Read(byte[] file)
    {
        await using var stream = await EventFile.UncompressAsync(new MemoryStream(file), TestContext.Current.CancellationToken);
        return await Count(stream);
    }

    /// <summary>How many events come before the fault, which must be the last slice.</summary>
    private static async Task<(int Whole, string? Fault)> Count(Stream stream)
    {
        var whole = 0;
        string? fault = null;
        await foreach (var slice in EventFile.ReadAsync(stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Null(fault);
            fault = slice.Fault;
            whole += fault is null ? 1 : 0;
        }

        return (whole, fault);
    }

    private static byte[] Gzip(byte[] bytes, CompressionLevel level = CompressionLevel.Optimal)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, level))
        {
            gzip.Write(bytes);
        }

        return output.ToArray();
    }

    private static byte[] Zstd(byte[] bytes, int level = 3)
    {
        var output = new MemoryStream();
        using (var zstd = new CompressionStream(output, level))
        {
            zstd.Write(bytes);
        }

        return output.ToArray();
    }
}
