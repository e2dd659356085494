using Kafka.Broker.Protocol;

namespace Kafka.Broker.Groups;

internal enum GroupState
{
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
}

/// <summary>A committed offset; the time in milliseconds since 1970.</summary>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommitTime);

/// <summary>
/// One consumer group in Kafka's classic protocol: members join, one of them leads and assigns, all sync, then beat. Not safe for
/// threads: the coordinator holds its lock around every call, and gives the time in milliseconds of a clock that never goes back.
/// </summary>
internal sealed class Group(string id, long now)
{
    private readonly GroupMembers _members = new();
    private readonly Dictionary<string, long> _pending = new(StringComparer.Ordinal);
    private long _emptySince = now;
    private long _joinNotBefore;
    private long _joinDeadline;
    private long _syncDeadline;

    public string Id { get; } = id;

    public GroupState State { get; private set; }

    public int Generation { get; private set; }

    public string ProtocolType { get; private set; } = "";

    public string? Protocol { get; private set; }

    public string? Leader { get; private set; }

    public IReadOnlyCollection<GroupMember> Members => _members.All;

    public Dictionary<(string Topic, int Partition), CommittedOffset> Offsets { get; } = [];

    /// <summary>Set when what a restart must know has changed: the members of a finished generation, or that there are none.</summary>
    public bool HasChanged { get; set; }

    public bool IsFull(int maxSize, string memberId) => _members.Count >= maxSize && !_members.Contains(memberId);

    public Task<JoinAnswer> Join(JoinDemand demand, long now, int initialDelayMs)
    {
        if (!_members.CanSpeak(demand, ProtocolType))
        {
            return Task.FromResult(new JoinAnswer(ErrorCode.InconsistentGroupProtocol, demand.MemberId));
        }

        if (demand.MemberId.Length > 0)
        {
            return JoinKnown(demand, now, initialDelayMs);
        }

        var newId = $"{demand.InstanceId ?? demand.ClientId}-{Guid.NewGuid()}";
        if (demand.InstanceId is not null)
        {
            return _members.OfInstance(demand.InstanceId) is { } old
                ? ReplaceStatic(old, newId, demand, now, initialDelayMs)
                : Add(newId, demand, now, initialDelayMs);
        }

        if (demand.MustKnowMemberId)
        {
            // The member comes back with this id, so that a lost answer leaves no ghost behind (KIP-394).
            _pending[newId] = now + demand.SessionTimeoutMs;
            return Task.FromResult(new JoinAnswer(ErrorCode.MemberIdRequired, newId));
        }

        return Add(newId, demand, now, initialDelayMs);
    }

    private Task<JoinAnswer> JoinKnown(JoinDemand demand, long now, int initialDelayMs)
    {
        if (_pending.Remove(demand.MemberId))
        {
            return Add(demand.MemberId, demand, now, initialDelayMs);
        }

        if (_members.Check(demand.MemberId, demand.InstanceId) is not (ErrorCode.None, { } member))
        {
            return Task.FromResult(new JoinAnswer(_members.Check(demand.MemberId, demand.InstanceId).Error, demand.MemberId));
        }

        var unchanged = member.HasSameProtocols(demand.Protocols);
        Update(member, demand, now);
        var isAnsweredAtOnce = State == GroupState.CompletingRebalance ? unchanged : State == GroupState.Stable && unchanged && member.Id != Leader;
        if (isAnsweredAtOnce)
        {
            return Task.FromResult(AnswerFor(member));
        }

        var joined = member.WaitForJoin();
        PrepareRebalance(now, initialDelayMs);
        return joined;
    }

    private Task<JoinAnswer> Add(string memberId, JoinDemand demand, long now, int initialDelayMs)
    {
        var member = new GroupMember
        {
            Id = memberId,
            InstanceId = demand.InstanceId,
            ClientId = demand.ClientId,
            ClientHost = demand.ClientHost,
            SessionTimeoutMs = demand.SessionTimeoutMs,
            RebalanceTimeoutMs = demand.RebalanceTimeoutMs,
            Protocols = demand.Protocols,
        };
        if (_members.Count == 0)
        {
            ProtocolType = demand.ProtocolType;
        }

        _members.Put(member);
        Beat(member, now);
        var joined = member.WaitForJoin();
        PrepareRebalance(now, initialDelayMs);
        return joined;
    }

    /// <summary>A static member that came back (KIP-345): it takes the place of its former self, without a rebalance if nothing else changed.</summary>
    private Task<JoinAnswer> ReplaceStatic(GroupMember old, string newId, JoinDemand demand, long now, int initialDelayMs)
    {
        old.AnswerJoin(new JoinAnswer(ErrorCode.FencedInstanceId, old.Id));
        old.AnswerSync(SyncAnswer.Refused(ErrorCode.FencedInstanceId));
        _members.Remove(old);
        var wasLeader = Leader == old.Id;
        var member = new GroupMember
        {
            Id = newId,
            InstanceId = demand.InstanceId,
            ClientId = demand.ClientId,
            ClientHost = demand.ClientHost,
            SessionTimeoutMs = demand.SessionTimeoutMs,
            RebalanceTimeoutMs = demand.RebalanceTimeoutMs,
            Protocols = demand.Protocols,
            Assignment = old.Assignment,
        };
        _members.Put(member);
        Beat(member, now);
        if (wasLeader)
        {
            Leader = newId;
        }

        if (State == GroupState.Stable && _members.SelectProtocol() == Protocol)
        {
            HasChanged = true;
            var answer = AnswerFor(member);
            return Task.FromResult(!wasLeader ? answer
                : demand.CanSkipAssignment ? answer with { SkipAssignment = true }
                : answer with { Leader = old.Id, Members = [] }); // it does not lead then, and so does not assign anew
        }

        var joined = member.WaitForJoin();
        PrepareRebalance(now, initialDelayMs);
        return joined;
    }

    private static void Update(GroupMember member, JoinDemand demand, long now)
    {
        member.Protocols = demand.Protocols;
        member.SessionTimeoutMs = demand.SessionTimeoutMs;
        member.RebalanceTimeoutMs = demand.RebalanceTimeoutMs;
        Beat(member, now);
    }

    private void PrepareRebalance(long now, int initialDelayMs)
    {
        if (State != GroupState.PreparingRebalance)
        {
            foreach (var member in _members.All)
            {
                member.AnswerSync(SyncAnswer.Refused(ErrorCode.RebalanceInProgress));
            }

            _joinNotBefore = State == GroupState.Empty ? now + initialDelayMs : now;
            _joinDeadline = now + _members.All.Max(m => m.RebalanceTimeoutMs);
            State = GroupState.PreparingRebalance;
        }

        CompleteJoin(now);
    }

    /// <summary>Ends the joining once all are there, or when its time is over; then without those who did not come.</summary>
    private void CompleteJoin(long now)
    {
        var all = _pending.Count == 0 && _members.All.All(m => m.Joining is not null);
        if (State != GroupState.PreparingRebalance || now < _joinNotBefore || (!all && now < _joinDeadline))
        {
            return;
        }

        foreach (var absent in _members.All.Where(m => m.Joining is null && m.InstanceId is null).ToArray())
        {
            Forget(absent);
        }

        Generation++;
        if (_members.Count == 0)
        {
            (State, Leader, Protocol, HasChanged, _emptySince) = (GroupState.Empty, null, null, true, now);
            return;
        }

        if (Leader is null || _members.Find(Leader) is not { Joining: not null })
        {
            Leader = (_members.All.FirstOrDefault(m => m.Joining is not null) ?? _members.All.First()).Id;
        }

        Protocol = _members.SelectProtocol();
        State = GroupState.CompletingRebalance;
        _syncDeadline = now + _members.All.Max(m => m.RebalanceTimeoutMs);
        foreach (var member in _members.All)
        {
            Beat(member, now);
            member.AnswerJoin(AnswerFor(member));
        }
    }

    private JoinAnswer AnswerFor(GroupMember member) => new(
        ErrorCode.None, member.Id, Generation, ProtocolType, Protocol, Leader ?? "",
        Members: member.Id == Leader ? [.. _members.All.Select(m => (m.Id, m.InstanceId, m.MetadataFor(Protocol)))] : []);

    public Task<SyncAnswer> Sync(
        string memberId, string? instanceId, int generation, string? protocolType, string? protocol, IReadOnlyDictionary<string, byte[]> assignments, long now)
    {
        var (error, member) = _members.Check(memberId, instanceId);
        error = error != ErrorCode.None ? error
            : generation != Generation ? ErrorCode.IllegalGeneration
            : (protocolType ?? ProtocolType) != ProtocolType || (protocol ?? Protocol) != Protocol ? ErrorCode.InconsistentGroupProtocol
            : State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress
            : ErrorCode.None;
        if (error != ErrorCode.None)
        {
            return Task.FromResult(SyncAnswer.Refused(error));
        }

        Beat(member!, now);
        if (State == GroupState.Stable)
        {
            return Task.FromResult(new SyncAnswer(ErrorCode.None, ProtocolType, Protocol, member!.Assignment));
        }

        var synced = member!.WaitForSync();
        if (memberId == Leader)
        {
            State = GroupState.Stable;
            HasChanged = true;
            foreach (var each in _members.All)
            {
                each.Assignment = assignments.GetValueOrDefault(each.Id) ?? [];
                Beat(each, now);
                each.AnswerSync(new SyncAnswer(ErrorCode.None, ProtocolType, Protocol, each.Assignment));
            }
        }

        return synced;
    }

    public ErrorCode Heartbeat(string memberId, string? instanceId, int generation, long now)
    {
        var (error, member) = _members.Check(memberId, instanceId);
        if (error != ErrorCode.None || generation != Generation)
        {
            return error != ErrorCode.None ? error : ErrorCode.IllegalGeneration;
        }

        Beat(member!, now);
        return State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    public ErrorCode Leave(string memberId, string? instanceId, long now)
    {
        if (_pending.Remove(memberId))
        {
            CompleteJoin(now);
            return ErrorCode.None;
        }

        // An administrator removes a static member by its instance id alone.
        var id = memberId.Length == 0 && instanceId is not null ? _members.OfInstance(instanceId)?.Id ?? "" : memberId;
        var (error, member) = _members.Check(id, instanceId);
        if (error == ErrorCode.None)
        {
            Remove(member!, now);
        }

        return error;
    }

    /// <summary>Whether an offset may be committed in the name of this member; a commit counts as a sign of life.</summary>
    public ErrorCode CheckCommit(string memberId, string? instanceId, int generation, long now)
    {
        if (generation < 0 && State == GroupState.Empty)
        {
            return ErrorCode.None; // a consumer that assigns its partitions itself, or an administrator
        }

        var (error, member) = _members.Check(memberId, instanceId);
        if (error != ErrorCode.None || generation != Generation)
        {
            return error != ErrorCode.None ? error : ErrorCode.IllegalGeneration;
        }

        Beat(member!, now);
        return State == GroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Removes members whose time is over, and ends a rebalance that waited long enough.</summary>
    public void Tick(long now)
    {
        foreach (var (pending, deadline) in _pending)
        {
            if (now >= deadline)
            {
                _pending.Remove(pending);
            }
        }

        var syncIsOver = State == GroupState.CompletingRebalance && now >= _syncDeadline;
        GroupMember[] gone = [.. _members.All.Where(m => syncIsOver ? m.Syncing is null : !m.IsWaiting && now >= m.SessionDeadline)];
        foreach (var member in gone)
        {
            Remove(member, now);
        }

        CompleteJoin(now);
    }

    public bool IsEmptySince(long time) => State == GroupState.Empty && _emptySince <= time;

    /// <summary>Takes up the members of before a restart: they go on beating as if nothing had been.</summary>
    public void Restore(int generation, string protocolType, string? protocol, string? leader, IEnumerable<GroupMember> members, long now)
    {
        _members.Clear();
        (Generation, ProtocolType, Protocol, Leader) = (generation, protocolType, protocol, leader);
        foreach (var member in members)
        {
            _members.Put(member);
            Beat(member, now);
        }

        State = _members.Count > 0 ? GroupState.Stable : GroupState.Empty;
    }

    private void Remove(GroupMember member, long now)
    {
        Forget(member);
        if (State is GroupState.Stable or GroupState.CompletingRebalance)
        {
            State = GroupState.PreparingRebalance;
            _joinNotBefore = now;
            _joinDeadline = now + (_members.Count > 0 ? _members.All.Max(m => m.RebalanceTimeoutMs) : 0);
            foreach (var left in _members.All)
            {
                left.AnswerSync(SyncAnswer.Refused(ErrorCode.RebalanceInProgress));
            }
        }

        CompleteJoin(now);
    }

    private void Forget(GroupMember member)
    {
        _members.Remove(member);
        member.AnswerJoin(new JoinAnswer(ErrorCode.UnknownMemberId, member.Id));
        member.AnswerSync(SyncAnswer.Refused(ErrorCode.UnknownMemberId));
    }

    private static void Beat(GroupMember member, long now) => member.SessionDeadline = now + member.SessionTimeoutMs;
}
