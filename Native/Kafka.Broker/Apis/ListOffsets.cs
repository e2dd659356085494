using Kafka.Broker.Log;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// ListOffsets, key 2, versions 1 to 11. By timestamp: the first record not older; -1 latest, -2 earliest, -3 the record with the
/// greatest timestamp (7 on), -4 earliest local (8 on: the earliest), -5 latest in tiered storage (9 on: there is none), -6 earliest
/// to upload (11 on: none).
/// </summary>
internal sealed class ListOffsets(Broker broker) : ImmediateApi(2, 1, 11, flexibleFrom: 6)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        reader.Int32(); // replica id
        if (request.Version >= 2)
        {
            reader.Int8(); // isolation level
            answer.Int32(0); // throttle time
        }

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
                var leaderEpoch = request.Version >= 4 ? reader.Int32() : -1;
                var timestamp = reader.Int64();
                reader.Tags();

                var log = broker.Topics.Partition(name, index);
                var (error, offset, time) = log is null ? (ErrorCode.UnknownTopicOrPartition, -1, -1)
                    : log.CheckLeaderEpoch(leaderEpoch) is not ErrorCode.None and var wrongEpoch ? (wrongEpoch, -1, -1)
                    : Find(log, timestamp, request.Version);
                answer.Int32(index);
                answer.Error(error);
                answer.Int64(time);
                answer.Int64(offset);
                if (request.Version >= 4)
                {
                    answer.Int32(offset >= 0 ? log!.LeaderEpochOf(offset) : -1);
                }

                answer.Tags();
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Tags();
    }

    private static (ErrorCode Error, long Offset, long Timestamp) Find(PartitionLog log, long timestamp, short version)
    {
        var found = timestamp switch
        {
            -1 => (log.EndOffset, -1),
            -2 => (log.StartOffset, -1),
            -3 when version >= 7 => log.FindMaxTime(),
            -4 when version >= 8 => (log.StartOffset, -1),
            -5 when version >= 9 => null,
            -6 when version >= 11 => null,
            >= 0 => log.FindByTime(timestamp),
            _ => (-2, -2),
        };
        return found switch
        {
            (-2, -2) => (ErrorCode.UnsupportedVersion, -1, -1),
            var (offset, time) => (ErrorCode.None, offset, time),
            null => (ErrorCode.None, -1, -1),
        };
    }
}
