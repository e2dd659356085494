namespace Ingest.Worker.Merge;

/// <summary>Sets of items as arrays of distinct keys in ascending order, compared by what they hold.</summary>
internal sealed class ItemSet : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
{
    public static ItemSet Comparer { get; } = new();

    /// <summary>Puts keys in order and each once to the front.</summary>
    /// <returns>The front.</returns>
    public static Span<int> Of(Span<int> keys)
    {
        keys.Sort();
        var count = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            if (count == 0 || keys[i] != keys[count - 1])
            {
                keys[count++] = keys[i];
            }
        }

        return keys[..count];
    }

    public bool Equals(int[]? x, int[]? y) => x is null ? y is null : y is not null && Equals(x.AsSpan(), y);

    public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(int[] obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<int> alternate)
    {
        var hash = default(HashCode);
        foreach (var key in alternate)
        {
            hash.Add(key);
        }

        return hash.ToHashCode();
    }

    public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
}
