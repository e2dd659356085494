using Kafka.Broker.Files;
using Kafka.Broker.Groups;
using Kafka.Broker.Settings;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>What every API works on: the one node, its topics and its consumer groups.</summary>
internal sealed record Broker(
    BrokerOptions Options, DataFolder Folder, TopicCatalog Topics, GroupCoordinator Groups, StorageErrors Errors, string Host, int Port)
{
    public int NodeId { get; } = Options.NodeId;
}
