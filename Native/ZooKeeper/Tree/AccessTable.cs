using ZooKeeper.Protocol;

namespace ZooKeeper.Tree;

/// <summary>The access lists that nodes have, each once, under a number by which snapshots name it.</summary>
internal sealed class AccessTable
{
    /// <summary>An access list in use.</summary>
    internal sealed class Entry(long number, AccessList list)
    {
        public long Number => number;

        public AccessList List => list;

        public int Uses { get; set; }
    }

    private readonly Dictionary<AccessList, Entry> _byList = [];
    private long _last;

    /// <summary>Everybody may do everything; it has a fixed number, and no place in snapshots.</summary>
    public static Entry Open { get; } = new(-1, AccessList.Open);

    public IReadOnlyCollection<Entry> All => _byList.Values;

    public Entry Use(AccessList list)
    {
        if (!_byList.TryGetValue(list, out var entry))
        {
            entry = new(++_last, list);
            _byList.Add(list, entry);
        }

        entry.Uses++;
        return entry;
    }

    public void Release(Entry entry)
    {
        if (--entry.Uses == 0)
        {
            _byList.Remove(entry.List);
        }
    }

    /// <summary>Takes over a list of a snapshot under its number there.</summary>
    public Entry Load(long number, AccessList list)
    {
        var entry = new Entry(number, list);
        _byList[list] = entry;
        _last = Math.Max(_last, number);
        return entry;
    }

    /// <summary>Forgets the lists that no node of the snapshot had.</summary>
    public void DropUnused()
    {
        foreach (var entry in _byList.Values.Where(e => e.Uses == 0).ToArray())
        {
            _byList.Remove(entry.List);
        }
    }
}
