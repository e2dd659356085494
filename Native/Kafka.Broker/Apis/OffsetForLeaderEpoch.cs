using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>OffsetForLeaderEpoch, key 23, versions 2 to 4: where an epoch ended, or the last one before it; (-1, -1) for one that is not known.</summary>
internal sealed class OffsetForLeaderEpoch(Broker broker) : ImmediateApi(23, 2, 4, flexibleFrom: 4)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        if (request.Version >= 3)
        {
            reader.Int32(); // replica id
        }

        answer.Int32(0); // throttle time
        var topics = reader.ArrayLength();
        answer.Array(topics);
        for (var i = 0; i < topics; i++)
        {
            var name = reader.String();
            answer.String(name);
            var partitions = reader.ArrayLength();
            answer.Array(partitions);
            for (var p = 0; p < partitions; p++)
            {
                var index = reader.Int32();
                var current = reader.Int32();
                var asked = reader.Int32();
                reader.Tags();
                var log = broker.Topics.Partition(name, index);
                var error = log is null ? ErrorCode.UnknownTopicOrPartition
                    : log.CheckLeaderEpoch(current);
                var (epoch, endOffset) = error == ErrorCode.None ? log!.EndOfLeaderEpoch(asked) : (-1, -1);
                answer.Error(error);
                answer.Int32(index);
                answer.Int32(epoch);
                answer.Int64(endOffset);
                answer.Tags();
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Tags();
    }
}
