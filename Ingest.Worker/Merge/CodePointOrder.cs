namespace Ingest.Worker.Merge;

/// <summary>
/// The order of ids by their code points, as PostgreSQL's collation "C" has it. .NET's ordinal order goes by UTF-16 code units, which differs where a
/// character is beyond U+FFFF.
/// </summary>
internal static class CodePointOrder
{
    public static int Compare(string one, string other)
    {
        var same = one.AsSpan().CommonPrefixLength(other);
        if (same == one.Length || same == other.Length)
        {
            return one.Length.CompareTo(other.Length);
        }

        var (left, right) = (one[same], other[same]);
        return char.IsSurrogate(left) == char.IsSurrogate(right) ? left.CompareTo(right) : char.IsSurrogate(left) ? 1 : -1;
    }
}
