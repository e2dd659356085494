using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// DescribeLogDirs, key 35, versions 1 to 5: the one data folder, with the bytes of the partitions asked for (null: all);
/// KAFKA_STORAGE_ERROR while it can't be written to.
/// </summary>
internal sealed class DescribeLogDirs(Broker broker) : ImmediateApi(35, 1, 5, flexibleFrom: 2)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var topics = reader.ArrayLength();
        var asked = new List<(Topic Topic, int[] Partitions)>();
        for (var i = 0; i < topics; i++)
        {
            var topic = broker.Topics.Find(reader.String());
            var partitions = new int[Math.Max(0, reader.ArrayLength())];
            for (var p = 0; p < partitions.Length; p++)
            {
                partitions[p] = reader.Int32();
            }

            reader.Tags();
            if (topic is not null)
            {
                asked.Add((topic, [.. partitions.Where(p => topic.Partition(p) is not null)]));
            }
        }

        if (topics < 0)
        {
            asked.AddRange(broker.Topics.All.Select(t => (t, Enumerable.Range(0, t.Partitions.Length).ToArray())));
        }

        answer.Int32(0); // throttle time
        if (request.Version >= 3)
        {
            answer.Error(ErrorCode.None);
        }

        answer.Array(1);
        answer.Error(broker.Errors.Any ? ErrorCode.KafkaStorageError : ErrorCode.None);
        answer.String(broker.Folder.Root);
        answer.Array(asked.Count);
        foreach (var (topic, partitions) in asked)
        {
            answer.String(topic.Name);
            answer.Array(partitions.Length);
            foreach (var partition in partitions)
            {
                answer.Int32(partition);
                answer.Int64(topic.Partitions[partition].SizeInBytes);
                answer.Int64(0); // lag
                answer.Bool(false); // future
                answer.Tags();
            }

            answer.Tags();
        }

        if (request.Version >= 4)
        {
            var drive = new DriveInfo(broker.Folder.Root);
            answer.Int64(drive.TotalSize);
            answer.Int64(drive.AvailableFreeSpace);
        }

        if (request.Version >= 5)
        {
            answer.Bool(false); // cordoned
        }

        answer.Tags();
        answer.Tags();
    }
}
