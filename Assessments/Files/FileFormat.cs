using System.Buffers;
using System.Text;

namespace Assessments;

/// <summary>What a file is, as its first bytes say.</summary>
internal static class FileFormat
{
    /// <summary>So many bytes hold a head line and one more, and the mark of a tar archive.</summary>
    private const int Enough = 1024;

    private const int TarMarkOffset = 257;

    private static readonly SearchValues<byte> ColumnName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_ .\"-"u8);

    private static readonly (byte[] Magic, string What, string Advice)[] Binary =
    [
        ("PK\x03\x04"u8.ToArray(), "a zip archive", "unpack it first, as with unzip -p FILE | publish -"),
        ("BZh"u8.ToArray(), "a bzip2 file", "unpack it first, as with bzcat FILE | publish -"),
        ([0xFD, .. "7zXZ\0"u8], "an xz file", "unpack it first, as with xzcat FILE | publish -"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive", "unpack it first, as with 7z x -so FILE | publish -"),
        ("Rar!"u8.ToArray(), "a RAR archive", "unpack it first"),
        ([0x04, 0x22, 0x4D, 0x18], "an lz4 file", "unpack it first, as with lz4cat FILE | publish -"),
        ([0x1F, 0x9D], "a file of Unix compress", "unpack it first, as with zcat FILE | publish -"),
        ("PAR1"u8.ToArray(), "a Parquet file", "write its rows as JSON, one event a line"),
        ("Obj\x01"u8.ToArray(), "an Avro file", "write its records as JSON, one event a line, as with avro-tools tojson FILE | publish -"),
        ("ARROW1"u8.ToArray(), "an Arrow file", "write its rows as JSON, one event a line"),
        ("SQLite format 3"u8.ToArray(), "an SQLite database", "write its rows as JSON, one event a line"),
        ("%PDF"u8.ToArray(), "a PDF document", "events are JSON"),
        ([0xFF, 0xFE], Utf16, Utf16Advice),
        ([0xFE, 0xFF], Utf16, Utf16Advice),
    ];

    public static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    public static ReadOnlySpan<byte> ZstdMagic => [0x28, 0xB5, 0x2F, 0xFD];

    private const string Utf16 = "text in UTF-16";
    private const string Utf16Advice = "write it in UTF-8, as with iconv -f UTF-16 -t UTF-8 FILE | publish -";

    /// <summary>Whether these first bytes are enough to tell.</summary>
    public static bool IsEnough(ReadOnlySpan<byte> start) => start.Length >= Enough || start is [(byte)'{' or (byte)'[', not 0, ..];

    /// <summary>What the file is if not JSON, and what to do, in one sentence; null if it may be JSON.</summary>
    public static string? Of(ReadOnlySpan<byte> start)
    {
        foreach (var (magic, what, advice) in Binary)
        {
            if (start.StartsWith(magic))
            {
                return Sentence(what, advice);
            }
        }

        if (start.Length > TarMarkOffset && start[TarMarkOffset..].StartsWith("ustar"u8))
        {
            return Sentence("a tar archive", "unpack it first, as with tar -xOf FILE | publish -");
        }

        if (start is [not 0, 0, not 0, 0, ..] or [0, not 0, 0, not 0, ..])
        {
            return Sentence(Utf16, Utf16Advice);
        }

        var text = start.StartsWith("\uFEFF"u8) ? start[3..] : start;
        text = text.TrimStart(" \t\r\n"u8);
        return text is [(byte)'<', ..] ? Sentence("XML or HTML", "events are JSON")
            : IsTable(text) ? Sentence(
                "a table of comma-separated values, or alike", "write its rows as JSON, one event a line, with the fields that docs/reference/event.md lists")
            : null;
    }

    private static string Sentence(string what, string advice) => $"This is {what}, not JSON: {advice}.";

    /// <summary>Whether a first line of column names, of which one may be a field of ours, is followed by as many columns.</summary>
    private static bool IsTable(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        var head = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
        foreach (var separator in ",;\t"u8)
        {
            var separators = head.Count(separator);
            if (separators == 0 || !AreNames(head, separator))
            {
                continue;
            }

            if (head.IndexOf("exam_id"u8) >= 0 || head.IndexOf("keen_id"u8) >= 0 || head.IndexOf("exam_name"u8) >= 0)
            {
                return true;
            }

            var rest = end < 0 ? [] : text[(end + 1)..];
            var next = rest.IndexOf((byte)'\n') is >= 0 and var second ? rest[..second] : rest;
            if (separators > 1 && next.Count(separator) == separators && next.IndexOfAny((byte)'{', (byte)'[') < 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreNames(ReadOnlySpan<byte> head, byte separator)
    {
        foreach (var column in head.Split(separator))
        {
            var name = head[column].Trim(" \""u8);
            if (name.Length < 2 || !Ascii.IsValid(name) || !char.IsAsciiLetter((char)name[0]) || name.IndexOfAnyExcept(ColumnName) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
