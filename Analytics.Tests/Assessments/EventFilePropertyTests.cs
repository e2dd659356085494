using System.Buffers;
using System.Text;
using Assessments;
using CsCheck;

namespace Analytics.Tests.Assessments;

public sealed class EventFilePropertyTests
{
    private static readonly SearchValues<byte> Separators = SearchValues.Create(" \t\r\n,[]\u001e\uFEFF"u8);

    private static readonly Gen<string> Space = Gen.OneOf("", "", "", " ", "\n", "\r\n", "\t ");

    private static readonly Gen<string> String =
        Gen.OneOf("a", "é", "😀", "{", "}", "[", "]", ",", ":", " ", "\\\"", "\\\\", "\\n", "\\u0041", "0").Array[0, 12].Select(
            parts => $"\"{string.Concat(parts)}\"");

    private static readonly Gen<string> Word = Gen.OneOf("0", "-1.5e+3", "1234567890", "true", "false", "null");

    private static readonly Gen<string> Value = ValueOfDepth(3);

    private static readonly Gen<string> Object = ObjectOf(ValueOfDepth(2));

    private static readonly Gen<(string[] Events, string File)> EventsFile = Gen.OneOf(
        // A JSON array of anything.
        from values in Gen.Select(Value, Space, Space).Array[0, 8]
        from inside in Space
        select (values.Select(value => value.Item1).ToArray(),
            "[" + inside + string.Join(",", values.Select(value => value.Item2 + value.Item1 + value.Item3)) + "]"),
        // One value a line; an array there would be a container of its own.
        from values in Gen.Select(Gen.OneOf(Object, String, Word), Gen.OneOf("\n", "\r\n", " \n\n", "\n\u001e")).Array[0, 8]
        select (values.Select(value => value.Item1).ToArray(), string.Concat(values.Select(value => value.Item1 + value.Item2))),
        // Values that end by themselves need nothing between them.
        from values in Gen.Select(Gen.OneOf(Object, String), Space).Array[0, 8]
        select (values.Select(value => value.Item1).ToArray(), string.Concat(values.Select(value => value.Item1 + value.Item2))),
        // One event.
        Gen.Select(Object, Space, (value, space) => (new[] { value }, space + value + space)));

    [Fact]
    public void Any_values_in_any_form_of_file_come_back_byte_for_byte_wherever_the_file_is_cut() =>
        Gen.Select(EventsFile, Gen.Bool, Gen.Int[1, 40], Gen.Int).Sample(
            (file, hasMark, most, seed) =>
            {
                var bytes = Encoding.UTF8.GetBytes((hasMark ? "\uFEFF" : "") + file.File);
                var pieces = Split(new TricklingStream(bytes, most, seed));
                Assert.All(pieces, piece => Assert.Null(piece.Fault));
                Assert.Equal(file.Events, pieces.Select(piece => Encoding.UTF8.GetString(piece.Bytes)));
                Assert.All(pieces, piece => Assert.True(IsAt(bytes, piece)));
            },
            iter: 5_000);

    [Fact]
    public void Of_any_bytes_nothing_is_lost_between_slices_and_the_cuts_change_nothing() =>
        Gen.Select(Gen.OneOf(Soup, DamagedFile), Gen.Int[1, 40], Gen.Int).Sample(
            (bytes, most, seed) =>
            {
                var pieces = Split(new TricklingStream(bytes, most, seed));
                var whole = Split(new MemoryStream(bytes));
                Assert.Equal(whole.Select(piece => (piece.Offset, piece.Fault)), pieces.Select(piece => (piece.Offset, piece.Fault)));

                long end = 0;
                foreach (var piece in pieces)
                {
                    Assert.True(IsAt(bytes, piece));
                    Assert.True(MeansNothing(bytes.AsSpan((int)end, (int)(piece.Offset - end))));
                    end = piece.Offset + piece.Bytes.Length;
                }

                Assert.True(MeansNothing(bytes.AsSpan((int)end)));
            },
            iter: 5_000);

    /// <summary>Bytes that mean something to the splitter, in any order.</summary>
    private static Gen<byte[]> Soup { get; } = Gen.OneOf("{\"[]}:,\\ \n\ra1t-\u001e"u8.ToArray()).Array[0, 40];

    /// <summary>A right file with one byte changed, put in or left out.</summary>
    private static Gen<byte[]> DamagedFile { get; } =
        from file in EventsFile
        from place in Gen.Int[0, 10_000]
        from what in Gen.Int[0, 2]
        from put in Gen.OneOf("{\"[]}:,\\ \n@x\0"u8.ToArray())
        select Damage(Encoding.UTF8.GetBytes(file.File), place, what, put);

    private static Gen<string> ValueOfDepth(int depth) => depth == 0
        ? Gen.OneOf(String, Word)
        : Gen.OneOf(String, Word, ObjectOf(ValueOfDepth(depth - 1)), ArrayOf(ValueOfDepth(depth - 1)));

    private static Gen<string> ObjectOf(Gen<string> value) =>
        Gen.Select(String, Space, value, Space, (name, before, member, after) => $"{before}{name}{after}:{before}{member}{after}").Array[0, 4]
            .Select(Space, (members, space) => "{" + space + string.Join(",", members) + "}");

    private static Gen<string> ArrayOf(Gen<string> value) =>
        Gen.Select(Space, value, Space, (before, element, after) => before + element + after).Array[0, 4]
            .Select(Space, (elements, space) => "[" + space + string.Join(",", elements) + "]");

    private static byte[] Damage(byte[] file, int place, int what, byte put)
    {
        if (file.Length == 0)
        {
            return [put];
        }

        place %= file.Length;
        return what switch
        {
            0 => [.. file[..place], put, .. file[(place + 1)..]],
            1 => [.. file[..place], put, .. file[place..]],
            _ => [.. file[..place], .. file[(place + 1)..]],
        };
    }

    private static bool IsAt(byte[] file, Piece piece) =>
        file.AsSpan((int)piece.Offset).StartsWith(piece.Bytes) && piece.Line == 1 + file.AsSpan(0, (int)piece.Offset).Count((byte)'\n');

    private static bool MeansNothing(ReadOnlySpan<byte> between) => between.IndexOfAnyExcept(Separators) < 0;

    private static Piece[] Split(Stream file) =>
        [.. EventFile.ReadAsync(file).ToBlockingEnumerable().Select(slice => new Piece(slice.Bytes.ToArray(), slice.Offset, slice.Line, slice.Fault))];

    private sealed record Piece(byte[] Bytes, long Offset, long Line, string? Fault);
}
