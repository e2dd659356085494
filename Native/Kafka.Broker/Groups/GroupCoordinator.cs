using Kafka.Broker.Files;
using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;

namespace Kafka.Broker.Groups;

/// <summary>
/// All consumer groups. One lock guards them: what is done under it is short, and waiting for other members happens outside. What a
/// client was told is in the journal before it is told.
/// </summary>
internal sealed class GroupCoordinator : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly GroupJournal _journal;
    private readonly string _folder;
    private readonly BrokerOptions _options;
    private readonly StorageErrors _errors;
    private readonly TimeProvider _time;
    private readonly int _initialDelayMs;

    public GroupCoordinator(string journal, BrokerOptions options, LogResources resources)
    {
        (_folder, _options, _time, _errors) = (Path.GetDirectoryName(journal)!, options, resources.Time, resources.Errors);
        _initialDelayMs = (int)options.Number("group.initial.rebalance.delay.ms");
        _journal = new GroupJournal(journal, reader => GroupEntries.Replay(reader, _groups, Now), resources.Log);
        if (_journal.IsDamaged)
        {
            Rewrite();
        }
    }

    /// <summary>Milliseconds of a clock that never goes back.</summary>
    private long Now => _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    /// <summary>Lets sessions and rebalances end in time; called often.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            foreach (var group in _groups.Values)
            {
                group.Tick(Now);
                Save(group);
            }
        }
    }

    public Task<JoinAnswer> Join(string groupId, JoinDemand demand)
    {
        var refused = groupId.Length == 0 ? ErrorCode.InvalidGroupId
            : demand.SessionTimeoutMs < _options.Number("group.min.session.timeout.ms") ? ErrorCode.InvalidSessionTimeout
            : demand.SessionTimeoutMs > _options.Number("group.max.session.timeout.ms") ? ErrorCode.InvalidSessionTimeout
            : ErrorCode.None;
        if (refused != ErrorCode.None)
        {
            return Task.FromResult(new JoinAnswer(refused, demand.MemberId));
        }

        lock (_lock)
        {
            if (!_groups.TryGetValue(groupId, out var group))
            {
                if (demand.MemberId.Length > 0)
                {
                    return Task.FromResult(new JoinAnswer(ErrorCode.UnknownMemberId, demand.MemberId));
                }

                _groups.Add(groupId, group = new Group(groupId, Now));
            }

            if (group.IsFull((int)_options.Number("group.max.size"), demand.MemberId))
            {
                return Task.FromResult(new JoinAnswer(ErrorCode.GroupMaxSizeReached, demand.MemberId));
            }

            var joined = group.Join(demand, Now, _initialDelayMs);
            Save(group);
            return joined;
        }
    }

    public Task<SyncAnswer> Sync(
        string groupId, string memberId, string? instanceId, int generation, string? protocolType, string? protocol,
        IReadOnlyDictionary<string, byte[]> assignments)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(groupId, out var group))
            {
                return Task.FromResult(SyncAnswer.Refused(groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.UnknownMemberId));
            }

            var synced = group.Sync(memberId, instanceId, generation, protocolType, protocol, assignments, Now);
            Save(group);
            return synced;
        }
    }

    public ErrorCode Heartbeat(string groupId, string memberId, string? instanceId, int generation)
    {
        lock (_lock)
        {
            return _groups.TryGetValue(groupId, out var group) ? group.Heartbeat(memberId, instanceId, generation, Now)
                : groupId.Length == 0 ? ErrorCode.InvalidGroupId
                : ErrorCode.UnknownMemberId;
        }
    }

    public ErrorCode Leave(string groupId, string memberId, string? instanceId)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(groupId, out var group))
            {
                return groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.UnknownMemberId;
            }

            var error = group.Leave(memberId, instanceId, Now);
            Save(group);
            return error;
        }
    }

    /// <summary>Commits in the name of a member, or, with generation -1 while the group has no members, of nobody.</summary>
    public ErrorCode Commit(
        string groupId, string memberId, string? instanceId, int generation,
        IReadOnlyCollection<((string Topic, int Partition) Key, CommittedOffset Value)> offsets)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(groupId, out var group))
            {
                if (generation >= 0)
                {
                    return ErrorCode.IllegalGeneration;
                }

                group = new Group(groupId, Now);
            }

            var error = group.CheckCommit(memberId, instanceId, generation, Now);
            if (error != ErrorCode.None || offsets.Count == 0)
            {
                return error;
            }

            if (!TryAppend(GroupEntries.Offsets(groupId, offsets)))
            {
                return ErrorCode.KafkaStorageError;
            }

            _groups[groupId] = group;
            foreach (((string, int) key, var value) in offsets)
            {
                group.Offsets[key] = value;
            }

            return ErrorCode.None;
        }
    }

    public CommittedOffset? Committed(string groupId, string topic, int partition)
    {
        lock (_lock)
        {
            return _groups.TryGetValue(groupId, out var group) && group.Offsets.TryGetValue((topic, partition), out var offset) ? offset : null;
        }
    }

    /// <summary>All partitions that the group has an offset for, by topic.</summary>
    public IReadOnlyList<(string Topic, int[] Partitions)> CommittedPartitions(string groupId)
    {
        lock (_lock)
        {
            return _groups.TryGetValue(groupId, out var group)
                ? [.. group.Offsets.Keys.GroupBy(k => k.Topic).Select(t => (t.Key, t.Select(k => k.Partition).ToArray()))]
                : [];
        }
    }

    /// <summary>Hands every group, or the one, to the reader while the lock is held.</summary>
    public void Read(string? groupId, Action<Group> read)
    {
        lock (_lock)
        {
            foreach (var group in groupId is null ? _groups.Values.ToArray() : _groups.TryGetValue(groupId, out var one) ? [one] : [])
            {
                read(group);
            }
        }
    }

    public ErrorCode Delete(string groupId)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(groupId, out var group))
            {
                return groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.GroupIdNotFound;
            }

            if (group.State != GroupState.Empty)
            {
                return ErrorCode.NonEmptyGroup;
            }

            if (!TryAppend(GroupEntries.GroupDeleted(groupId)))
            {
                return ErrorCode.KafkaStorageError;
            }

            _groups.Remove(groupId);
            return ErrorCode.None;
        }
    }

    public ErrorCode DeleteOffset(string groupId, string topic, int partition)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(groupId, out var group) || !group.Offsets.ContainsKey((topic, partition)))
            {
                return ErrorCode.None;
            }

            if (!TryAppend(GroupEntries.OffsetDeleted(groupId, topic, partition)))
            {
                return ErrorCode.KafkaStorageError;
            }

            group.Offsets.Remove((topic, partition));
            return ErrorCode.None;
        }
    }

    /// <summary>The topic is deleted, and a later one of that name starts anew.</summary>
    public void ForgetTopic(string topic)
    {
        lock (_lock)
        {
            foreach (var group in _groups.Values)
            {
                foreach (var key in group.Offsets.Keys.Where(k => k.Topic == topic).ToArray())
                {
                    DeleteOffset(group.Id, topic, key.Partition);
                }
            }
        }
    }

    /// <summary>Forgets the offsets of groups without members that committed nothing for offsets.retention.minutes, and such groups.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            var retention = TimeSpan.FromMinutes(_options.Number("offsets.retention.minutes"));
            var before = (_time.GetUtcNow() - retention).ToUnixTimeMilliseconds();
            var emptyBefore = Now - (long)retention.TotalMilliseconds;
            foreach (var group in _groups.Values.Where(g => g.IsEmptySince(emptyBefore) && g.Offsets.Values.All(o => o.CommitTime < before)).ToArray())
            {
                if (TryAppend(GroupEntries.GroupDeleted(group.Id)))
                {
                    _groups.Remove(group.Id);
                }
            }
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            _journal.Flush();
        }
    }

    public void Dispose() => _journal.Dispose();

    /// <summary>What can't be written now is tried again at the next tick: a restart that does not know the members makes them join again.</summary>
    private void Save(Group group)
    {
        if (group.HasChanged)
        {
            group.HasChanged = !TryAppend(GroupEntries.Members(group));
        }
    }

    private bool TryAppend(Action<BinaryWriter> entry)
    {
        try
        {
            if (_journal.IsWorthRewriting)
            {
                Rewrite(); // before the entry, which the groups do not have yet
            }

            _journal.Append(entry);
            _errors.Clear(_folder);
            return true;
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            _errors.Report(_folder, e);
            return false;
        }
    }

    private void Rewrite() => _journal.Rewrite(_groups.Values.SelectMany(g => new[]
    {
        GroupEntries.Members(g),
        GroupEntries.Offsets(g.Id, [.. g.Offsets.Select(o => (o.Key, o.Value))]),
    }));
}
