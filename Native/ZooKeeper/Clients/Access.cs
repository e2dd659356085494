using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ZooKeeper.Protocol;

namespace ZooKeeper.Clients;

/// <summary>Who may do what: the schemes `world`, `auth`, `digest` and `ip`, and `super`, who may do everything.</summary>
internal static class Access
{
    /// <summary>Whether one of the identities has one of the permissions. An empty list keeps nobody out.</summary>
    public static bool Allows(AccessList access, int permissions, IReadOnlyList<Identity> identities)
    {
        if (ReferenceEquals(access, AccessList.Open) || access.Entries.Count == 0)
        {
            return true;
        }

        foreach (var entry in access.Entries)
        {
            if ((entry.Permissions & permissions) == 0)
            {
                continue;
            }

            if (entry.Identity == Identity.Anyone)
            {
                return true;
            }

            foreach (var identity in identities)
            {
                if (identity.Scheme == entry.Identity.Scheme && Matches(identity.Id, entry.Identity))
                {
                    return true;
                }
            }
        }

        return IsSuper(identities);
    }

    /// <summary>The list as it is kept: each entry once, `auth` replaced by who the client is.</summary>
    /// <exception cref="RefusedException">It is empty, or an entry has no meaning here.</exception>
    public static AccessList Resolve(AccessList asked, IReadOnlyList<Identity> identities)
    {
        if (ReferenceEquals(asked, AccessList.Open))
        {
            return asked;
        }

        var resolved = new List<AccessEntry>();
        foreach (var entry in asked.Entries.Distinct())
        {
            if (entry.Identity.Scheme == "auth")
            {
                var own = identities.Where(identity => identity.Scheme == "digest").Select(identity => new AccessEntry(entry.Permissions, identity)).ToArray();
                resolved.AddRange(own.Length > 0 ? own : throw new RefusedException(ErrorCode.InvalidAcl));
            }
            else
            {
                resolved.Add(IsMeaningful(entry.Identity) ? entry : throw new RefusedException(ErrorCode.InvalidAcl));
            }
        }

        return resolved.Count > 0 ? new([.. resolved]) : throw new RefusedException(ErrorCode.InvalidAcl);
    }

    /// <summary>The identity of a client that gives `user:password`: the user, and a hash of both.</summary>
    public static Identity Digest(ReadOnlySpan<byte> userAndPassword)
    {
        var text = Encoding.UTF8.GetString(userAndPassword);
#pragma warning disable CA5350 // the protocol's digest scheme is SHA-1
        var hash = Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
        return new("digest", $"{text.Split(':', 2)[0]}:{hash}");
    }

    private static bool IsSuper(IReadOnlyList<Identity> identities)
    {
        foreach (var identity in identities)
        {
            if (identity.Scheme == "super")
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMeaningful(Identity identity) => identity.Scheme switch
    {
        "world" => identity.Id == "anyone",
        "digest" => identity.Id.TrimEnd(':').Split(':') is [{ Length: >= 0 }, { Length: > 0 }],
        "ip" => TryParseNetwork(identity.Id, out _, out _),
        _ => false,
    };

    private static bool Matches(string id, Identity allowed) => allowed.Scheme switch
    {
        "digest" => id == allowed.Id,
        "ip" => TryParseNetwork(allowed.Id, out var network, out var bits)
            && IPAddress.TryParse(id, out var address)
            && IsWithin(address.GetAddressBytes(), network, bits),
        _ => false,
    };

    private static bool TryParseNetwork(string text, out byte[] network, out int bits)
    {
        (network, bits) = ([], 0);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(host, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && host.Split('.') is not [_, _, _, _]))
        {
            return false;
        }

        network = address.GetAddressBytes();
        bits = network.Length * 8;
        return slash < 0
            || (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits <= network.Length * 8);
    }

    private static bool IsWithin(byte[] address, byte[] network, int bits)
    {
        if (address.Length != network.Length)
        {
            return false;
        }

        for (var i = 0; i < bits; i++)
        {
            var mask = 0x80 >> (i % 8);
            if ((address[i / 8] & mask) != (network[i / 8] & mask))
            {
                return false;
            }
        }

        return true;
    }
}
