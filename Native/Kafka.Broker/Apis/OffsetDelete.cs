using Kafka.Broker.Groups;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// OffsetDelete, key 47, version 0: single offsets of a group. Those of topics that members are subscribed to are kept and answered
/// GROUP_SUBSCRIBED_TO_TOPIC; a group with members of another protocol than "consumer" is NON_EMPTY_GROUP.
/// </summary>
internal sealed class OffsetDelete(Broker broker) : ImmediateApi(47, 0, 0, flexibleFrom: short.MaxValue)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var id = reader.String();
        var subscribed = new HashSet<string>(StringComparer.Ordinal);
        var error = ErrorCode.GroupIdNotFound;
        broker.Groups.Read(id, group =>
        {
            error = group.State != GroupState.Empty && group.ProtocolType != "consumer" ? ErrorCode.NonEmptyGroup : ErrorCode.None;
            foreach (var member in group.Members)
            {
                subscribed.UnionWith(SubscriptionOf(member.Protocols[0].Metadata));
            }
        });

        answer.Error(error);
        answer.Int32(0); // throttle time
        if (error != ErrorCode.None)
        {
            answer.Array(0);
            return;
        }

        var topics = reader.ArrayLength();
        answer.Array(topics);
        for (var i = 0; i < topics; i++)
        {
            var topic = reader.String();
            answer.String(topic);
            var partitions = reader.ArrayLength();
            answer.Array(partitions);
            for (var p = 0; p < partitions; p++)
            {
                var partition = reader.Int32();
                var isSubscribed = subscribed.Contains(topic);
                answer.Int32(partition);
                answer.Error(isSubscribed ? ErrorCode.GroupSubscribedToTopic : broker.Groups.DeleteOffset(id, topic, partition));
            }
        }
    }

    /// <summary>The topics in a consumer's metadata (ConsumerProtocolSubscription: version, then topic names).</summary>
    private static List<string> SubscriptionOf(byte[] metadata)
    {
        var topics = new List<string>();
        try
        {
            var reader = new RequestReader(metadata, flexible: false);
            reader.Int16();
            for (var count = reader.ArrayLength(); count > 0; count--)
            {
                topics.Add(reader.String());
            }
        }
        catch (MalformedRequestException)
        {
            // Metadata of another kind names no topics.
        }

        return topics;
    }
}
