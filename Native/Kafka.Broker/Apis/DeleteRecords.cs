using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DeleteRecords, key 21, versions 0 to 2: nothing before the offset can be read any more, after a restart either; -1 is the end of the log.</summary>
internal sealed class DeleteRecords(Broker broker) : ImmediateApi(21, 0, 2, flexibleFrom: 2)
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
                var offset = reader.Int64();
                reader.Tags();
                var log = broker.Topics.Partition(name, index);
                var error = log is null ? ErrorCode.UnknownTopicOrPartition
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
