using System.IO.Compression;
using System.Text;
using Assessments;

namespace Analytics.Tests.Assessments;

/// <summary>A file that holds no JSON is recognised by its first bytes, said once, and not read on.</summary>
public sealed class FileFormatTests
{
    private const string Head = "keen_id,user_exam_id,exam_name\nk,a,Git\n";

    public static TheoryData<string, byte[]> Files => new()
    {
        { "a zip archive", [0x50, 0x4B, 3, 4, 20, 0] },
        { "a bzip2 file", [.. "BZh91AY&SY"u8] },
        { "an xz file", [0xFD, .. "7zXZ\0\0"u8] },
        { "a 7-Zip archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4] },
        { "a Parquet file", [.. "PAR1"u8, 0x15, 4] },
        { "an Avro file", [.. "Obj"u8, 1, 4] },
        { "a tar archive", [.. Encoding.ASCII.GetBytes("events.json".PadRight(257, '\0')), .. "ustar"u8, 0, .. new byte[250]] },
        { "text in UTF-16", Encoding.Unicode.GetBytes("{\"a\":1}\n") },
        { "text in UTF-16", Encoding.BigEndianUnicode.GetBytes("[{\"a\":1}]\n") },
        { "text in UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{}")] },
        { "XML or HTML", [.. "<?xml version=\"1.0\"?><events/>"u8] },
        { "a table of comma-separated values, or alike", Encoding.UTF8.GetBytes(Head) },
        { "a table of comma-separated values, or alike", Encoding.UTF8.GetBytes("\uFEFF\"student\";\"course\";\"score\"\r\n\"u1\";\"Git\";3\r\n") },
        { "a table of comma-separated values, or alike", Encoding.UTF8.GetBytes("name\tuser_exam_id\nx\ty\n") },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Another_format_is_named_with_what_to_do(string what, byte[] file)
    {
        var message = await MessageAsync(file);

        Assert.StartsWith($"This is {what}, not JSON: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_recognised_inside_of_gzip_too()
    {
        var gzip = new MemoryStream();
        await using (var compressor = new GZipStream(gzip, CompressionMode.Compress, leaveOpen: true))
        {
            await compressor.WriteAsync(Encoding.UTF8.GetBytes(Head), TestContext.Current.CancellationToken);
        }

        Assert.StartsWith("This is a table", await MessageAsync(gzip.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_is_read_than_it_takes_to_tell()
    {
        byte[] file = [.. "BZh91AY&SY"u8, .. new byte[10_000_000]];
        var stream = new MemoryStream(file);

        await Assert.ThrowsAsync<OtherFormatException>(() => CountAsync(stream));

        Assert.InRange(stream.Position, 4, 1_000_000);
    }

    [Theory]
    [InlineData("nonsense, and more\n{\"n\":1}\n", 2)]
    [InlineData("1,2,3\n4,5,6\n", 6)]
    [InlineData("\"keen_id\"\n{\"keen_id\":1}\n", 2)]
    [InlineData("{\"keen_id\":1,\"user_exam_id\":2}", 1)]
    public async Task What_may_be_JSON_is_taken_apart(string file, int slices) =>
        Assert.Equal(slices, await CountAsync(new MemoryStream(Encoding.UTF8.GetBytes(file))));

    [Fact]
    public async Task What_unpacks_to_more_than_is_allowed_is_not_read_on()
    {
        var options = new EventFileOptions { MaxBytes = 20 };
        var faults = new List<string?>();
        await foreach (
            var slice in EventFile.ReadAsync(new MemoryStream("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n"u8.ToArray()), options, TestContext.Current.CancellationToken))
        {
            faults.Add(slice.Fault);
        }

        Assert.Equal([null, null, "The event is cut off: There are more than 20 bytes, uncompressed: what follows was not read."], faults);
    }

    private static async Task<string> MessageAsync(byte[] file)
    {
        await using var stream = await EventFile.UncompressAsync(new MemoryStream(file), TestContext.Current.CancellationToken);
        return (await Assert.ThrowsAsync<OtherFormatException>(() => CountAsync(stream))).Message;
    }

    private static async Task<int> CountAsync(Stream stream)
    {
        var slices = 0;
        await foreach (var _ in EventFile.ReadAsync(stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            slices++;
        }

        return slices;
    }
}
