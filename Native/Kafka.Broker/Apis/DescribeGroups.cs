using Kafka.Broker.Groups;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DescribeGroups, key 15, versions 0 to 6. A group that is not there is Dead, from 6 on GROUP_ID_NOT_FOUND as well.</summary>
internal sealed class DescribeGroups(Broker broker) : ImmediateApi(15, 0, 6, flexibleFrom: 5)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        if (request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        var groups = reader.ArrayLength();
        answer.Array(groups);
        for (var i = 0; i < groups; i++)
        {
            var id = reader.String();
            var isFound = false;
            broker.Groups.Read(id, group =>
            {
                isFound = true;
                Write(request.Version, answer, group);
            });
            if (!isFound)
            {
                WriteMissing(request.Version, answer, id);
            }
        }

        answer.Tags();
    }

    private static void Write(short version, ResponseWriter answer, Group group)
    {
        var isStable = group.State == GroupState.Stable;
        WriteHead(version, answer, ErrorCode.None, null, group.Id, group.State.ToString(), group.ProtocolType, isStable ? group.Protocol ?? "" : "");
        answer.Array(group.Members.Count);
        foreach (var member in group.Members)
        {
            answer.String(member.Id);
            if (version >= 4)
            {
                answer.String(member.InstanceId);
            }

            answer.String(member.ClientId);
            answer.String(member.ClientHost);
            answer.Bytes(isStable ? member.MetadataFor(group.Protocol) : []);
            answer.Bytes(isStable ? member.Assignment : []);
            answer.Tags();
        }

        WriteTail(version, answer);
    }

    private static void WriteMissing(short version, ResponseWriter answer, string id)
    {
        WriteHead(version, answer, version >= 6 ? ErrorCode.GroupIdNotFound : ErrorCode.None, $"Group {id} not found.", id, "Dead", "", "");
        answer.Array(0);
        WriteTail(version, answer);
    }

    private static void WriteHead(short version, ResponseWriter answer, ErrorCode error, string? message, string id, string state, string type, string protocol)
    {
        answer.Error(error);
        if (version >= 6)
        {
            answer.String(message);
        }

        answer.String(id);
        answer.String(state);
        answer.String(type);
        answer.String(protocol);
    }

    private static void WriteTail(short version, ResponseWriter answer)
    {
        if (version >= 3)
        {
            answer.Int32(int.MinValue); // group operations: there is no authorizer
        }

        answer.Tags();
    }
}
