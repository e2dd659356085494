using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Analytics.Api.Sql;

/// <summary>Functions that make much of little: how much must be seen before the statement runs.</summary>
internal static partial class SizeBounds
{
    // Letters, or times.
    private const int Most = 1000;

    // Their numbers in pg_proc.dat. The second argument of each says how much.
    private static readonly FrozenDictionary<string, string> Counted = new Dictionary<string, string>
    {
        ["1622"] = "repeat",
        ["873"] = "lpad",
        ["879"] = "lpad",
        ["874"] = "rpad",
        ["880"] = "rpad",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Formats = FrozenSet.Create("3539", "3540");

    /// <returns>Why a statement of these nodes is refused, and the function that it is about; null if it is not.</returns>
    public static (string Complaint, string Function)? Complaint(IEnumerable<NodeTree> nodes)
    {
        foreach (var node in nodes)
        {
            if (node is not { Type: "FUNCEXPR" } || node["funcid"] is not string function || node["args"] is not NodeTree { Fields: var arguments })
            {
                continue;
            }

            if (Counted.TryGetValue(function, out var name) && !IsSmall(arguments[1].Value))
            {
                return ($"{name} takes a number of at most {Most} here, written out or as least(…, {Most}).", name);
            }

            if (Formats.Contains(function) && !IsShort(arguments[0].Value))
            {
                return ($"format takes a text that is written out here, with widths of at most {Most}.", "format");
            }
        }

        return null;
    }

    // 1 is IS_LEAST (primnodes.h).
    private static bool IsSmall(object value) => WithoutCasts(value) switch
    {
        { Type: "CONST" } number when IsInteger(number) => Constant(number) is not { } bytes || BitConverter.ToInt64(bytes) <= Most,
        { Type: "MINMAX" or "MINMAXEXPR" } least when least["op"] is "1" && least["args"] is NodeTree list =>
            list.Fields.Exists(field => IsWritten(field.Value) && IsSmall(field.Value)),
        _ => false,
    };

    // least(null, n) is n.
    private static bool IsWritten(object value) => WithoutCasts(value) is { Type: "CONST" } number && Constant(number) is not null;

    private static bool IsShort(object value) => WithoutCasts(value) is { Type: "CONST" } text && text["consttype"] is "25"
        && (Constant(text) is not { } bytes
            || Width().Matches(Encoding.UTF8.GetString(bytes.AsSpan(4))).All(spec => spec.Groups["width"] is not { Success: true } width
                || (int.TryParse(width.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var letters) && letters <= Most)));

    // 1 and 2 are casts, explicit and implicit (primnodes.h); the first argument is what is cast.
    private static NodeTree? WithoutCasts(object? value)
    {
        var node = value as NodeTree;
        while (node is { Type: "FUNCEXPR" } && node["funcformat"] is "1" or "2" && node["args"] is NodeTree { Fields: [var cast, ..] })
        {
            node = cast.Value as NodeTree;
        }

        return node;
    }

    /// <summary>The bytes of a constant that is not null: of a number, the lowest first; of a text, behind four of its length.</summary>
    private static byte[]? Constant(NodeTree constant) => constant["constisnull"] is "true"
        ? null
        : [.. constant.Fields.Where(field => field.Name == "constvalue").Select(field => (string)field.Value)
            .SkipWhile(word => word != "[").Skip(1).TakeWhile(word => word != "]")
            .Select(word => unchecked((byte)int.Parse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)))];

    // int8, int2, int4.
    private static bool IsInteger(NodeTree constant) => constant["consttype"] is "20" or "21" or "23";

    [GeneratedRegex(@"%%|%(\d+\$)?-*(?<width>\*|\d+)?", RegexOptions.ExplicitCapture)]
    private static partial Regex Width();
}
