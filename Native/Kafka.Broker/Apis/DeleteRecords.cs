using Kafka.Broker.Log;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DeleteRecords, key 21, versions 0 to 2: nothing before the offset can be read any more, after a restart either; -1 is the end of the log.</summary>
internal sealed class DeleteRecords(Server.Broker broker) : ImmediateApi(21, 0, 2, flexibleFrom: 2)
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
                long offset = reader.Int64();
                reader.Tags();
                PartitionLog? log = broker.Topics.Partition(name, index);
                ErrorCode error = log is null ? ErrorCode.UnknownTopicOrPartition
                    : offset < -1 || !log.DeleteBefore(offset == -1 ? log.EndOffset : offset) ? ErrorCode.OffsetOutOfRange
                    : ErrorCode.None;
                answer.Int32(index);
                answer.Int64(error == ErrorCode.None ? log!.StartOffset : -1);
                answer.Error(error);
                answer.Tags();
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Tags();
        broker.Topics.SaveStartOffsets();
    }
}
