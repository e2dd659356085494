using System.Globalization;
using System.Text;
using ZooKeeper.Protocol;

namespace ZooKeeper.Tree;

/// <summary>
/// Numbers of nodes and bytes, as they stand in the nodes below /zookeeper/quota: `count=2,bytes=10`, and for hard limits
/// `count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2`; -1 is no limit.
/// </summary>
internal readonly record struct QuotaNumbers(long Count, long Bytes, long CountHardLimit = -1, long ByteHardLimit = -1)
{
    public static QuotaNumbers Parse(byte[]? data)
    {
        var numbers = new QuotaNumbers(-1, -1);
        foreach (var pair in Encoding.UTF8.GetString(data ?? []).Split([',', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=');
            if (parts.Length < 2 || !long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            numbers = parts[0] switch
            {
                "count" => numbers with { Count = number },
                "bytes" => numbers with { Bytes = number },
                "countHardLimit" => numbers with { CountHardLimit = number },
                "byteHardLimit" => numbers with { ByteHardLimit = number },
                _ => numbers,
            };
        }

        return numbers;
    }

    /// <summary>Of statistics, which have no hard limits.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"count={Count},bytes={Bytes}"));
}

/// <summary>The subtrees that have a quota, and the count of what is in them, which is kept in nodes of the tree itself.</summary>
internal sealed class Quotas(DataTree tree)
{
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    /// <summary>The closest node at or above a path that has a quota; null if there is none.</summary>
    public string? Covering(string path)
    {
        if (_paths.Count == 0)
        {
            return null;
        }

        var lookup = _paths.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var above = path.AsSpan(); above.Length > 1;)
        {
            if (lookup.TryGetValue(above, out var found))
            {
                return found;
            }

            above = above[..Math.Max(above.LastIndexOf('/'), 0)];
        }

        return null;
    }

    public void OnCreated(string parent, string name, string path, int bytes)
    {
        if (parent.StartsWith(Paths.Quota, StringComparison.Ordinal))
        {
            var limited = parent[Paths.Quota.Length..];
            if (name == Paths.QuotaLimits && limited.Length > 0)
            {
                _paths.Add(limited);
            }

            if (name == Paths.QuotaStats)
            {
                Recount(limited);
            }
        }

        Add(path, bytes, 1);
    }

    public void OnDeleted(string parent, string name, string path, int bytes)
    {
        if (name == Paths.QuotaLimits && parent.StartsWith(Paths.Quota, StringComparison.Ordinal))
        {
            _paths.Remove(parent[Paths.Quota.Length..]);
        }

        Add(path, -bytes, -1);
    }

    public void Add(string path, long bytes, int count)
    {
        if (Covering(path) is { } limited && tree.Find($"{Paths.Quota}{limited}/{Paths.QuotaStats}") is { } stats)
        {
            var numbers = QuotaNumbers.Parse(stats.Data);
            stats.Data = new QuotaNumbers(numbers.Count + count, numbers.Bytes + bytes).ToBytes();
        }
    }

    /// <summary>Finds the quotas of a tree that was loaded, and counts anew.</summary>
    public void Load()
    {
        _paths.Clear();
        if (tree.Find(Paths.Quota) is { } quota)
        {
            LoadBelow(quota);
        }
    }

    /// <summary>The limits of the quota that covers a path, what they limit and what there is so far; null where there is none.</summary>
    public (string Path, QuotaNumbers Limits, QuotaNumbers Used)? Limits(string path) =>
        Covering(path) is { } limited
        && tree.Find($"{Paths.Quota}{limited}/{Paths.QuotaLimits}") is { } limits
        && tree.Find($"{Paths.Quota}{limited}/{Paths.QuotaStats}") is { } stats
            ? (limited, QuotaNumbers.Parse(limits.Data), QuotaNumbers.Parse(stats.Data))
            : null;

    private void LoadBelow(Node node)
    {
        foreach (var child in node.Children?.Values ?? Enumerable.Empty<Node>())
        {
            if (child.Name == Paths.QuotaLimits && child.ChildCount == 0)
            {
                var limited = node.Path()[Paths.Quota.Length..];
                if (limited.Length > 0)
                {
                    Recount(limited);
                    _paths.Add(limited);
                }
            }
            else
            {
                LoadBelow(child);
            }
        }
    }

    private void Recount(string limited)
    {
        if (tree.Find($"{Paths.Quota}{limited}/{Paths.QuotaStats}") is { } stats)
        {
            var (count, bytes) = tree.Find(limited) is { } node ? Count(node) : (0, 0);
            stats.Data = new QuotaNumbers(count, bytes).ToBytes();
        }
    }

    private static (long Count, long Bytes) Count(Node top)
    {
        var (count, bytes) = (0L, 0L);
        var left = new Stack<Node>([top]);
        while (left.TryPop(out var node))
        {
            count++;
            bytes += node.DataLength;
            foreach (var child in node.Children?.Values ?? Enumerable.Empty<Node>())
            {
                left.Push(child);
            }
        }

        return (count, bytes);
    }
}
