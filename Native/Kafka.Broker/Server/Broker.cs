using Kafka.Broker.Groups;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Server;

/// <summary>What every API works on: the one node, its topics and its consumer groups.</summary>
internal sealed record Broker(BrokerOptions Options, DataFolder Folder, TopicCatalog Topics, GroupCoordinator Groups, string Host, int Port)
{
    public int NodeId { get; } = Options.NodeId;
}
