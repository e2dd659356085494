using Kafka.Broker.Log;

namespace Kafka.Broker.Topics;

/// <summary>A topic with its partitions and the settings that are its own. Replaced as a whole when any of it changes.</summary>
internal sealed record Topic(string Name, Guid Id, PartitionLog[] Partitions, IReadOnlyDictionary<string, string> Settings)
{
    public PartitionLog? Partition(int index) => (uint)index < (uint)Partitions.Length ? Partitions[index] : null;

    /// <summary>Kafka's rule: 1 to 249 of letters, digits, '.', '_' and '-', and neither '.' nor '..'. So a name can't leave the data folder.</summary>
    public static bool IsName(string name) =>
        name is { Length: > 0 and <= 249 } and not "." and not ".." && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
