using Kafka.Broker.Log;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>OffsetForLeaderEpoch, key 23, versions 2 to 4: the one epoch there is ends at the end of the log; a later one is not known.</summary>
internal sealed class OffsetForLeaderEpoch(Server.Broker broker) : ImmediateApi(23, 2, 4, flexibleFrom: 4)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        if (request.Version >= 3)
        {
            reader.Int32(); // replica id
        }

        answer.Int32(0); // throttle time
        int topics = reader.ArrayLength();
        answer.Array(topics);
        for (int i = 0; i < topics; i++)
        {
            string name = reader.String();
            answer.String(name);
            int partitions = reader.ArrayLength();
            answer.Array(partitions);
            for (int p = 0; p < partitions; p++)
            {
                int index = reader.Int32();
                int current = reader.Int32();
                int asked = reader.Int32();
                reader.Tags();
                PartitionLog? log = broker.Topics.Partition(name, index);
                ErrorCode error = log is null ? ErrorCode.UnknownTopicOrPartition
                    : current > PartitionLog.LeaderEpoch ? ErrorCode.UnknownLeaderEpoch
                    : ErrorCode.None;
                bool isKnown = error == ErrorCode.None && asked == PartitionLog.LeaderEpoch;
                answer.Error(error);
                answer.Int32(index);
                answer.Int32(isKnown ? PartitionLog.LeaderEpoch : -1);
                answer.Int64(isKnown ? log!.EndOffset : -1);
                answer.Tags();
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Tags();
    }
}
