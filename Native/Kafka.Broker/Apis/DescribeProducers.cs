using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DescribeProducers, key 61, version 0: the idempotent producers that a partition remembers.</summary>
internal sealed class DescribeProducers(Broker broker) : ImmediateApi(61, 0, 0, flexibleFrom: 0)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
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
                var log = broker.Topics.Partition(name, index);
                answer.Int32(index);
                answer.Error(log is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
                answer.String(null);
                var producers = log?.Producers() ?? [];
                answer.Array(producers.Length);
                foreach (var (id, epoch, lastSequence, timestamp) in producers)
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
