using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>Heartbeat, key 12, versions 0 to 4. Tells a member by REBALANCE_IN_PROGRESS that it has to join again.</summary>
internal sealed class Heartbeat(Broker broker) : ImmediateApi(12, 0, 4, flexibleFrom: 4)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var group = reader.String();
        var generation = reader.Int32();
        var member = reader.String();
        var instance = request.Version >= 3 ? reader.NullableString() : null;
        if (request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        answer.Error(broker.Groups.Heartbeat(group, member, instance, generation));
        answer.Tags();
    }
}
