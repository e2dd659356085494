using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ZooKeeper.Tree;

/// <summary>
/// ZooKeeper's digest of the tree (version 2): the sum of a CRC-32 a node, of its path, data and metadata. It is written with each
/// transaction, so that one who replays the log knows whether it came to the same tree. What is below /zookeeper is left out.
/// </summary>
internal static class TreeDigest
{
    public const int Version = 2;

    private const int MetadataBytes = 60;

    /// <summary>What a node adds to the sum; its path is without a slash at the end, so the root's is empty.</summary>
    public static uint Of(ReadOnlySpan<char> path, Node node)
    {
        if (path.StartsWith("/zookeeper/", StringComparison.Ordinal))
        {
            return 0;
        }

        path = path is "/" ? "" : path;
        var longest = Encoding.UTF8.GetMaxByteCount(path.Length) + MetadataBytes;
        byte[]? rented = null;
        var buffer = longest <= 512 ? stackalloc byte[512] : (rented = ArrayPool<byte>.Shared.Rent(longest));
        try
        {
            var name = buffer[..Encoding.UTF8.GetBytes(path, buffer)];
            var metadata = buffer.Slice(name.Length, MetadataBytes);
            BinaryPrimitives.WriteInt64BigEndian(metadata, node.Czxid);
            BinaryPrimitives.WriteInt64BigEndian(metadata[8..], node.Mzxid);
            BinaryPrimitives.WriteInt64BigEndian(metadata[16..], node.Pzxid);
            BinaryPrimitives.WriteInt64BigEndian(metadata[24..], node.Ctime);
            BinaryPrimitives.WriteInt64BigEndian(metadata[32..], node.Mtime);
            BinaryPrimitives.WriteInt32BigEndian(metadata[40..], node.Version);
            BinaryPrimitives.WriteInt32BigEndian(metadata[44..], node.Creations);
            BinaryPrimitives.WriteInt32BigEndian(metadata[48..], node.Aversion);
            BinaryPrimitives.WriteInt64BigEndian(metadata[52..], node.EphemeralOwner);
            if (node.DataLength == 0)
            {
                return Crc32.HashToUInt32(buffer[..(name.Length + MetadataBytes)]);
            }

            var crc = new Crc32();
            crc.Append(name);
            crc.Append(node.Data.AsSpan());
            crc.Append(metadata);
            return crc.GetCurrentHashAsUInt32();
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}
