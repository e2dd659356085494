
namespace Kafka.Broker.Groups;

/// <summary>The entries of the journal: offsets committed, offsets deleted, the members of a generation, a group deleted.</summary>
internal static class GroupEntries
{
    private enum Kind : byte
    {
        Offset = 1,
        OffsetDeleted = 2,
        Members = 3,
        GroupDeleted = 4,
    }

    public static Action<BinaryWriter> Offsets(
        string group, IReadOnlyCollection<((string Topic, int Partition) Key, CommittedOffset Value)> offsets) => writer =>
    {
        writer.Write((byte)Kind.Offset);
        writer.Write(group);
        writer.Write(offsets.Count);
        foreach (var ((topic, partition), offset) in offsets)
        {
            writer.Write(topic);
            writer.Write(partition);
            writer.Write(offset.Offset);
            writer.Write(offset.LeaderEpoch);
            writer.Write(offset.Metadata);
            writer.Write(offset.CommitTime);
        }
    };

    public static Action<BinaryWriter> OffsetDeleted(string group, string topic, int partition) => writer =>
    {
        writer.Write((byte)Kind.OffsetDeleted);
        writer.Write(group);
        writer.Write(topic);
        writer.Write(partition);
    };

    public static Action<BinaryWriter> GroupDeleted(string group) => writer =>
    {
        writer.Write((byte)Kind.GroupDeleted);
        writer.Write(group);
    };

    public static Action<BinaryWriter> Members(Group group) => writer =>
    {
        writer.Write((byte)Kind.Members);
        writer.Write(group.Id);
        writer.Write(group.Generation);
        writer.Write(group.ProtocolType);
        writer.Write(group.Protocol ?? "");
        writer.Write(group.Leader ?? "");
        writer.Write(group.Members.Count);
        foreach (var member in group.Members)
        {
            writer.Write(member.Id);
            writer.Write(member.InstanceId ?? "");
            writer.Write(member.ClientId);
            writer.Write(member.ClientHost);
            writer.Write(member.SessionTimeoutMs);
            writer.Write(member.RebalanceTimeoutMs);
            writer.Write(member.Protocols.Count);
            foreach (var (name, metadata) in member.Protocols)
            {
                writer.Write(name);
                WriteBytes(writer, metadata);
            }

            WriteBytes(writer, member.Assignment);
        }
    };

    /// <summary>Does again what an entry says.</summary>
    public static void Replay(BinaryReader reader, Dictionary<string, Group> groups, long now)
    {
        var kind = (Kind)reader.ReadByte();
        var id = reader.ReadString();
        if (kind == Kind.GroupDeleted)
        {
            groups.Remove(id);
            return;
        }

        if (!groups.TryGetValue(id, out var group))
        {
            groups.Add(id, group = new Group(id, now));
        }

        switch (kind)
        {
            case Kind.Offset:
                for (var count = reader.ReadInt32(); count > 0; count--)
                {
                    group.Offsets[(reader.ReadString(), reader.ReadInt32())] =
                        new CommittedOffset(reader.ReadInt64(), reader.ReadInt32(), reader.ReadString(), reader.ReadInt64());
                }

                break;
            case Kind.OffsetDeleted:
                group.Offsets.Remove((reader.ReadString(), reader.ReadInt32()));
                break;
            case Kind.Members:
                var generation = reader.ReadInt32();
                var protocolType = reader.ReadString();
                var protocol = reader.ReadString();
                var leader = reader.ReadString();
                var members = new GroupMember[reader.ReadInt32()];
                for (var i = 0; i < members.Length; i++)
                {
                    members[i] = ReadMember(reader);
                }

                group.Restore(generation, protocolType, NullIfEmpty(protocol), NullIfEmpty(leader), members, now);
                break;
        }
    }

    private static GroupMember ReadMember(BinaryReader reader)
    {
        var id = reader.ReadString();
        var instance = NullIfEmpty(reader.ReadString());
        var clientId = reader.ReadString();
        var clientHost = reader.ReadString();
        var session = reader.ReadInt32();
        var rebalance = reader.ReadInt32();
        var protocols = new (string, byte[])[reader.ReadInt32()];
        for (var i = 0; i < protocols.Length; i++)
        {
            protocols[i] = (reader.ReadString(), ReadBytes(reader));
        }

        return new GroupMember
        {
            Id = id,
            InstanceId = instance,
            ClientId = clientId,
            ClientHost = clientHost,
            SessionTimeoutMs = session,
            RebalanceTimeoutMs = rebalance,
            Protocols = protocols,
            Assignment = ReadBytes(reader),
        };
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    private static void WriteBytes(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());
}
