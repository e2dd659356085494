using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>LeaveGroup, key 13, versions 0 to 5; from 3 on several members at once, static ones by their instance id.</summary>
internal sealed class LeaveGroup(Broker broker) : ImmediateApi(13, 0, 5, flexibleFrom: 4)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var group = reader.String();
        if (request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        if (request.Version <= 2)
        {
            answer.Error(broker.Groups.Leave(group, reader.String(), null));
            return;
        }

        answer.Error(group.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.None);
        var members = reader.ArrayLength();
        answer.Array(members);
        for (var i = 0; i < members; i++)
        {
            var member = reader.String();
            var instance = reader.NullableString();
            if (request.Version >= 5)
            {
                reader.NullableString(); // reason
            }

            reader.Tags();
            answer.String(member);
            answer.String(instance);
            answer.Error(broker.Groups.Leave(group, member, instance));
            answer.Tags();
        }

        answer.Tags();
    }
}
