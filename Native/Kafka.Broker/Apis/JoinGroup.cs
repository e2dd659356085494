using Kafka.Broker.Groups;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// JoinGroup, key 11, versions 0 to 9. Waits until all members have joined. From 4 on a new member is first given its id and joins
/// again with it (KIP-394); from 5 on members may be static (KIP-345); from 9 on a returning leader is told to skip the assignment.
/// </summary>
internal sealed class JoinGroup(Broker broker) : Api(11, 0, 9, flexibleFrom: 6)
{
    public override async ValueTask AnswerAsync(Request request, ResponseWriter answer, CancellationToken stop)
    {
        var (group, demand) = Parse(request);
        var joined = await broker.Groups.Join(group, demand).WaitAsync(stop);
        Write(request.Version, answer, joined);
    }

    private static (string Group, JoinDemand Demand) Parse(Request request)
    {
        var reader = request.Read();
        var group = reader.String();
        var session = reader.Int32();
        var rebalance = request.Version >= 1 ? reader.Int32() : session;
        var member = reader.String();
        var instance = request.Version >= 5 ? reader.NullableString() : null;
        var type = reader.String();
        var protocols = new List<(string, byte[])>();
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            protocols.Add((reader.String(), reader.Bytes().ToArray()));
            reader.Tags();
        }

        return (group, new JoinDemand(
            member, instance, request.ClientId, request.ClientHost, session, rebalance, type, protocols,
            MustKnowMemberId: request.Version >= 4, CanSkipAssignment: request.Version >= 9));
    }

    private static void Write(short version, ResponseWriter answer, JoinAnswer joined)
    {
        if (version >= 2)
        {
            answer.Int32(0); // throttle time
        }

        answer.Error(joined.Error);
        answer.Int32(joined.Generation);
        if (version >= 7)
        {
            answer.String(joined.ProtocolType);
        }

        answer.String(version >= 7 ? joined.Protocol : joined.Protocol ?? "");
        answer.String(joined.Leader);
        if (version >= 9)
        {
            answer.Bool(joined.SkipAssignment);
        }

        answer.String(joined.MemberId);
        answer.Array(joined.Members?.Count ?? 0);
        foreach (var (member, instance, metadata) in joined.Members ?? [])
        {
            answer.String(member);
            if (version >= 5)
            {
                answer.String(instance);
            }

            answer.Bytes(metadata);
            answer.Tags();
        }

        answer.Tags();
    }
}
