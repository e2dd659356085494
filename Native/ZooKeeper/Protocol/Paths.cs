namespace ZooKeeper.Protocol;

/// <summary>Names of nodes.</summary>
internal static class Paths
{
    public const string ZooKeeper = "/zookeeper";
    public const string Quota = "/zookeeper/quota";
    public const string Config = "/zookeeper/config";
    public const string QuotaLimits = "zookeeper_limits";
    public const string QuotaStats = "zookeeper_stats";

    /// <summary>Nodes that are always there.</summary>
    public static bool IsSpecial(string path) => path is "/" or ZooKeeper or Quota or Config;

    /// <summary>The parent of a path that may be new or go; "" is the root's. A sequential node's path may still end with a slash.</summary>
    public static string ParentOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash >= 0 && !path.Contains('\0') ? path[..slash] : throw new RefusedException(ErrorCode.BadArguments);
    }

    /// <summary>The parent of a node to delete.</summary>
    public static string ParentOfDeleted(string path) =>
        IsSpecial(path) ? throw new RefusedException(ErrorCode.BadArguments) : ParentOf(path);

    /// <summary>The name after the last slash.</summary>
    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Absolute, no empty, `.` or `..` names, no slash at the end, no control characters, surrogates, private or special ones.</summary>
    /// <exception cref="RefusedException">It is not.</exception>
    public static void Validate(string? path)
    {
        if (!IsValid(path))
        {
            throw new RefusedException(ErrorCode.BadArguments);
        }
    }

    private static bool IsValid(string? path)
    {
        if (path is null or "" || path[0] != '/')
        {
            return false;
        }

        if (path.Length == 1)
        {
            return true;
        }

        foreach (var c in path)
        {
            if (c is <= '\u001f' or (>= '\u007f' and <= '\u009f') or (>= '\ud800' and <= '\uf8ff') or >= '\ufff0')
            {
                return false;
            }
        }

        var names = path.AsSpan(1);
        foreach (var range in names.Split('/'))
        {
            if (names[range] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }
}
