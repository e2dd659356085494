using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DeleteGroups, key 42, versions 0 to 2: groups without members, with their offsets.</summary>
internal sealed class DeleteGroups(Broker broker) : ImmediateApi(42, 0, 2, flexibleFrom: 2)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        answer.Int32(0); // throttle time
        var groups = reader.ArrayLength();
        answer.Array(groups);
        for (var i = 0; i < groups; i++)
        {
            var group = reader.String();
            answer.String(group);
            answer.Error(broker.Groups.Delete(group));
            answer.Tags();
        }

        answer.Tags();
    }
}
