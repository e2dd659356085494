using Kafka.Broker.Log;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DescribeProducers, key 61, version 0: the idempotent producers that a partition remembers.</summary>
internal sealed class DescribeProducers(Server.Broker broker) : ImmediateApi(61, 0, 0, flexibleFrom: 0)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
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
                PartitionLog? log = broker.Topics.Partition(name, index);
                answer.Int32(index);
                answer.Error(log is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
                answer.String(null);
                (long Id, short Epoch, int LastSequence, long Timestamp)[] producers = log?.Producers() ?? [];
                answer.Array(producers.Length);
                foreach ((long id, short epoch, int lastSequence, long timestamp) in producers)
                {
                    answer.Int64(id);
                    answer.Int32(epoch);
                    answer.Int32(lastSequence);
                    answer.Int64(timestamp);
                    answer.Int32(-1); // coordinator epoch
                    answer.Int64(-1); // open transaction
                    answer.Tags();
                }

                answer.Tags();
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Tags();
    }
}
