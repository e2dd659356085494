using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>The APIs that the broker serves, each in its file.</summary>
internal static class AllApis
{
    public static ApiTable Of(Broker broker, TimeProvider time)
    {
        List<Api> apis =
        [
            new Produce(broker, time), new Fetch(broker, time), new ListOffsets(broker), new Metadata(broker),
            new OffsetCommit(broker, time), new OffsetFetch(broker), new FindCoordinator(broker),
            new JoinGroup(broker), new Heartbeat(broker), new LeaveGroup(broker), new SyncGroup(broker),
            new DescribeGroups(broker), new ListGroups(broker), new DeleteGroups(broker), new OffsetDelete(broker),
            new CreateTopics(broker), new DeleteTopics(broker), new CreatePartitions(broker), new DeleteRecords(broker),
            new DescribeConfigs(broker), new AlterConfigs(broker), new IncrementalAlterConfigs(broker),
            new InitProducerId(broker), new DescribeProducers(broker), new OffsetForLeaderEpoch(broker),
            new DescribeCluster(broker), new DescribeTopicPartitions(broker), new DescribeLogDirs(broker),
        ];
        return new ApiTable([.. apis, new ApiVersions(apis)]);
    }
}
