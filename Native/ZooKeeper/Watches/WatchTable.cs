using System.Runtime.InteropServices;
using ZooKeeper.Protocol;

namespace ZooKeeper.Watches;

/// <summary>What happened to a node, by ZooKeeper's numbers.</summary>
internal enum EventType
{
    NodeCreated = 1,
    NodeDeleted = 2,
    NodeDataChanged = 3,
    NodeChildrenChanged = 4,
}

/// <summary>How a path is watched; several ways at once are several bits.</summary>
[Flags]
internal enum WatchModes : byte
{
    None = 0,

    /// <summary>Until the first event.</summary>
    Standard = 1,
    Persistent = 2,

    /// <summary>The node and everything below it.</summary>
    Recursive = 4,
}

/// <summary>One that is told of events.</summary>
internal interface IWatcher
{
    long SessionId { get; }

    /// <param name="type">What happened.</param>
    /// <param name="path">To which node.</param>
    /// <param name="zxid">By which transaction; -1 for one that is not known.</param>
    /// <param name="access">The access list of the node, by which a watcher that may not read is not told; null where everybody may know.</param>
    void Tell(EventType type, string path, long zxid, AccessList? access);
}

/// <summary>Who watches which paths: one table for nodes and their data, one for children. Used under the database's lock.</summary>
internal sealed class WatchTable
{
    private readonly Dictionary<string, Dictionary<IWatcher, WatchModes>> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<IWatcher, HashSet<string>> _byWatcher = [];
    private int _recursive;

    /// <summary>Pairs of a path and a watcher.</summary>
    public int Count { get; private set; }

    public int PathCount => _byPath.Count;

    public int WatcherCount => _byWatcher.Count;

    public IEnumerable<(string Path, IWatcher Watcher)> All => _byPath.SelectMany(path => path.Value.Keys.Select(watcher => (path.Key, watcher)));

    public int CountOf(IWatcher watcher) => _byWatcher.TryGetValue(watcher, out var paths) ? paths.Count : 0;

    public void Add(string path, IWatcher watcher, WatchModes mode)
    {
        ref var watchers = ref CollectionsMarshal.GetValueRefOrAddDefault(_byPath, path, out _);
        watchers ??= [];
        ref var modes = ref CollectionsMarshal.GetValueRefOrAddDefault(watchers, watcher, out var isKnown);
        if (!isKnown)
        {
            Count++;
            ref var paths = ref CollectionsMarshal.GetValueRefOrAddDefault(_byWatcher, watcher, out _);
            (paths ??= new(StringComparer.Ordinal)).Add(path);
        }

        _recursive += mode == WatchModes.Recursive && !modes.HasFlag(mode) ? 1 : 0;
        modes |= mode;
    }

    /// <summary>Whether the path is watched in one of these ways.</summary>
    public bool Contains(string path, IWatcher watcher, WatchModes modes) =>
        _byPath.TryGetValue(path, out var watchers) && watchers.TryGetValue(watcher, out var found) && (found & modes) != 0;

    /// <summary>Ends these ways of watching; false if there was none of them.</summary>
    public bool Remove(string path, IWatcher watcher, WatchModes modes)
    {
        if (!Contains(path, watcher, modes))
        {
            return false;
        }

        RemoveKnown(path, watcher, modes);
        return true;
    }

    /// <summary>The watcher is gone.</summary>
    public void RemoveAll(IWatcher watcher)
    {
        if (_byWatcher.TryGetValue(watcher, out var paths))
        {
            foreach (var path in paths.ToArray())
            {
                RemoveKnown(path, watcher, WatchModes.Standard | WatchModes.Persistent | WatchModes.Recursive);
            }
        }
    }

    /// <summary>Tells everyone who watches a path, or recursively one above it, and ends the watches that are for one event.</summary>
    /// <returns>Who was told; null for nobody.</returns>
    public IReadOnlyCollection<IWatcher>? Trigger(
        string path, EventType type, long zxid, AccessList? access, IReadOnlyCollection<IWatcher>? except = null)
    {
        if (_byPath.Count == 0)
        {
            return null;
        }

        HashSet<IWatcher>? told = null;
        if (_byPath.TryGetValue(path, out var watchers))
        {
            told = [.. watchers.Keys];
            foreach (var watcher in told)
            {
                RemoveKnown(path, watcher, WatchModes.Standard);
            }
        }

        for (var above = path; _recursive > 0 && above.Length > 1;)
        {
            var slash = above.LastIndexOf('/');
            above = slash > 0 ? above[..slash] : "/";
            foreach (var (watcher, modes) in _byPath.GetValueOrDefault(above) ?? [])
            {
                if (modes.HasFlag(WatchModes.Recursive))
                {
                    (told ??= []).Add(watcher);
                }
            }
        }

        foreach (var watcher in told ?? [])
        {
            if (except is null || !except.Contains(watcher))
            {
                watcher.Tell(type, path, zxid, access);
            }
        }

        return told;
    }

    private void RemoveKnown(string path, IWatcher watcher, WatchModes modes)
    {
        var watchers = _byPath[path];
        var had = watchers[watcher];
        var left = had & ~modes;
        _recursive -= (had & ~left & WatchModes.Recursive) != 0 ? 1 : 0;
        if (left != WatchModes.None)
        {
            watchers[watcher] = left;
            return;
        }

        Count--;
        watchers.Remove(watcher);
        if (watchers.Count == 0)
        {
            _byPath.Remove(path);
        }

        var paths = _byWatcher[watcher];
        paths.Remove(path);
        if (paths.Count == 0)
        {
            _byWatcher.Remove(watcher);
        }
    }
}
