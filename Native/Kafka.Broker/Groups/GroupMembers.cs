using Kafka.Broker.Protocol;

namespace Kafka.Broker.Groups;

/// <summary>The members of one group: by their ids, static ones by their instance ids too, and what they can all speak.</summary>
internal sealed class GroupMembers
{
    private readonly Dictionary<string, GroupMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _static = new(StringComparer.Ordinal);

    public IReadOnlyCollection<GroupMember> All => _members.Values;

    public int Count => _members.Count;

    public bool Contains(string memberId) => _members.ContainsKey(memberId);

    public GroupMember? Find(string memberId) => _members.GetValueOrDefault(memberId);

    /// <summary>The static member that has the instance id now (KIP-345).</summary>
    public GroupMember? OfInstance(string instanceId) => _static.TryGetValue(instanceId, out var id) ? _members[id] : null;

    public void Put(GroupMember member)
    {
        _members[member.Id] = member;
        if (member.InstanceId is not null)
        {
            _static[member.InstanceId] = member.Id;
        }
    }

    public void Remove(GroupMember member)
    {
        _members.Remove(member.Id);
        if (member.InstanceId is not null && _static.GetValueOrDefault(member.InstanceId) == member.Id)
        {
            _static.Remove(member.InstanceId);
        }
    }

    public void Clear()
    {
        _members.Clear();
        _static.Clear();
    }

    /// <summary>The member, unless another one has taken its instance id, or there is none of that id.</summary>
    public (ErrorCode Error, GroupMember? Member) Check(string memberId, string? instanceId)
    {
        if (instanceId is not null && _static.TryGetValue(instanceId, out var current) && current != memberId)
        {
            return (ErrorCode.FencedInstanceId, null);
        }

        return _members.TryGetValue(memberId, out var member) ? (ErrorCode.None, member) : (ErrorCode.UnknownMemberId, null);
    }

    /// <summary>Whether one who joins has a protocol that all the others know.</summary>
    public bool CanSpeak(JoinDemand demand, string protocolType)
    {
        GroupMember[] others = [.. All.Where(m => m.Id != demand.MemberId && (demand.InstanceId is null || m.InstanceId != demand.InstanceId))];
        return demand.ProtocolType.Length > 0
            && demand.Protocols.Count > 0
            && (others.Length == 0
                || (protocolType == demand.ProtocolType && demand.Protocols.Any(p => others.All(m => m.Protocols.Any(o => o.Name == p.Name)))));
    }

    /// <summary>Among the protocols that all members know, the one that most prefer.</summary>
    public string SelectProtocol()
    {
        string[] common = [.. All.First().Protocols.Select(p => p.Name).Where(n => All.All(m => m.Protocols.Any(p => p.Name == n)))];
        return common.MaxBy(n => All.Count(m => m.Protocols.First(p => common.Contains(p.Name)).Name == n)) ?? "";
    }
}
