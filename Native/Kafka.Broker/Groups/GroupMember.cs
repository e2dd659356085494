using Kafka.Broker.Protocol;

namespace Kafka.Broker.Groups;

/// <summary>What a member says when it joins.</summary>
internal sealed record JoinDemand(
    string MemberId, string? InstanceId, string ClientId, string ClientHost, int SessionTimeoutMs, int RebalanceTimeoutMs,
    string ProtocolType, IReadOnlyList<(string Name, byte[] Metadata)> Protocols, bool MustKnowMemberId, bool CanSkipAssignment);

/// <summary>What it is answered; the leader gets all members, to assign partitions to them.</summary>
internal sealed record JoinAnswer(
    ErrorCode Error, string MemberId, int Generation = -1, string? ProtocolType = null, string? Protocol = null, string Leader = "",
    bool SkipAssignment = false, IReadOnlyList<(string MemberId, string? InstanceId, byte[] Metadata)>? Members = null);

internal sealed record SyncAnswer(ErrorCode Error, string? ProtocolType, string? Protocol, byte[] Assignment)
{
    public static SyncAnswer Refused(ErrorCode error) => new(error, null, null, []);
}

/// <summary>A member of a consumer group.</summary>
internal sealed class GroupMember
{
    public required string Id { get; init; }

    public required string? InstanceId { get; init; }

    public required string ClientId { get; init; }

    public required string ClientHost { get; init; }

    public required int SessionTimeoutMs { get; set; }

    public required int RebalanceTimeoutMs { get; set; }

    /// <summary>In the order of the member's preference, each with the metadata for the assignor.</summary>
    public required IReadOnlyList<(string Name, byte[] Metadata)> Protocols { get; set; }

    public byte[] Assignment { get; set; } = [];

    /// <summary>When its session is over unless it is heard of; a time in milliseconds.</summary>
    public long SessionDeadline { get; set; }

    /// <summary>Set while it waits for the others to join.</summary>
    public TaskCompletionSource<JoinAnswer>? Joining { get; private set; }

    /// <summary>Set while it waits for the leader's assignment.</summary>
    public TaskCompletionSource<SyncAnswer>? Syncing { get; private set; }

    public bool IsWaiting => Joining is not null || Syncing is not null;

    public byte[] MetadataFor(string? protocol) => Protocols.FirstOrDefault(p => p.Name == protocol).Metadata ?? [];

    public bool HasSameProtocols(IReadOnlyList<(string Name, byte[] Metadata)> other) =>
        Protocols.Count == other.Count
        && Protocols.Zip(other).All(p => p.First.Name == p.Second.Name && p.First.Metadata.AsSpan().SequenceEqual(p.Second.Metadata));

    public Task<JoinAnswer> WaitForJoin()
    {
        Joining ??= new TaskCompletionSource<JoinAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Joining.Task;
    }

    public Task<SyncAnswer> WaitForSync()
    {
        Syncing ??= new TaskCompletionSource<SyncAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Syncing.Task;
    }

    public void AnswerJoin(JoinAnswer answer)
    {
        Joining?.SetResult(answer);
        Joining = null;
    }

    public void AnswerSync(SyncAnswer answer)
    {
        Syncing?.SetResult(answer);
        Syncing = null;
    }
}
