using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kafka.Broker.Files;

namespace Kafka.Broker.Topics;

/// <summary>A topic as `topics.json` keeps it. One that is being deleted stays in the list until its folders are gone, so that nothing revives it.</summary>
internal sealed record TopicEntry(string Name, Guid Id, int Partitions, Dictionary<string, string> Settings, bool IsBeingDeleted = false);

/// <summary>
/// `topics.json` in the data folder: the topics that there are. A topic is named there before its folders are made, and until they are
/// gone. So a folder that it does not name is never one that a kill left behind: it is of an older or newer list, and adopted.
/// </summary>
internal static class TopicList
{
    private const string Metadata = "partition.metadata";

    /// <exception cref="ArgumentException">The list is missing or damaged; the message is the sentence to print.</exception>
    public static List<TopicEntry> Read(DataFolder folder)
    {
        var path = folder.File("topics.json");
        if (!File.Exists(path))
        {
            return PartitionFolders(folder.Root).Any()
                ? throw new ArgumentException(
                    $"The data folder {folder.Root} holds partitions but no topics.json, so it may be another broker's; "
                    + "give another one with --data, or write [] into topics.json to take them over.")
                : [];
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), TopicsJson.Default.ListTopicEntry) ?? [];
        }
        catch (JsonException e)
        {
            throw new ArgumentException(
                $"{path} is damaged ({e.Message}); restore it from a backup, or write [] into it to take over the partitions with default settings.");
        }
    }

    public static void Write(DataFolder folder, IEnumerable<TopicEntry> entries) =>
        DurableFile.Write(folder.File("topics.json"), JsonSerializer.SerializeToUtf8Bytes([.. entries], TopicsJson.Default.ListTopicEntry));

    /// <summary>The list with the partitions that are in the folder but not in the list.</summary>
    /// <exception cref="ArgumentException">They can't belong to a topic; the message is the sentence to print.</exception>
    public static List<TopicEntry> Adopt(DataFolder folder, List<TopicEntry> entries, Action<TopicEntry> onAdopted)
    {
        var all = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
        foreach (var found in PartitionFolders(folder.Root).GroupBy(f => f.Topic, StringComparer.Ordinal))
        {
            var known = all.GetValueOrDefault(found.Key);
            var first = known?.Partitions ?? 0;
            int[] unknown = [.. found.Select(f => f.Partition).Where(p => p >= first).Order()];
            if (unknown.Length == 0 || known is { IsBeingDeleted: true })
            {
                continue;
            }

            var foundIds = unknown.Select(p => ReadTopicId(folder.File(FolderName(found.Key, p))));
            Guid[] ids = [.. foundIds.Append(known?.Id ?? Guid.Empty).Where(id => id != Guid.Empty).Distinct()];
            if (ids.Length != 1 || unknown[^1] != first + unknown.Length - 1)
            {
                throw new ArgumentException(
                    $"{folder.File(FolderName(found.Key, unknown[^1]))} is a partition that topics.json does not name, and "
                    + (ids.Length == 1 ? "others of its topic are missing" : "its topic is another than that of the partitions beside it")
                    + "; restore topics.json and the folders from one backup, or move it out of the data folder.");
            }

            var adopted = new TopicEntry(found.Key, ids[0], first + unknown.Length, known?.Settings ?? []);
            all[found.Key] = adopted;
            onAdopted(adopted);
        }

        return [.. all.Values.Where(e => !e.IsBeingDeleted)];
    }

    public static string FolderName(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}");

    public static void WritePartitionMetadata(string folder, Guid topicId)
    {
        var path = Path.Combine(folder, Metadata);
        if (!File.Exists(path))
        {
            File.WriteAllText(path, $"version: 0\ntopic_id: {DataFolder.Base64(topicId)}\n");
        }
    }

    private static IEnumerable<(string Topic, int Partition)> PartitionFolders(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var name = Path.GetFileName(folder);
            var dash = name.LastIndexOf('-');
            if (dash > 0
                && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                && File.Exists(Path.Combine(folder, Metadata)))
            {
                yield return (name[..dash], partition);
            }
        }
    }

    /// <summary>Empty if the file does not tell.</summary>
    private static Guid ReadTopicId(string folder)
    {
        try
        {
            var line = Array.Find(File.ReadAllLines(Path.Combine(folder, Metadata)), l => l.StartsWith("topic_id: ", StringComparison.Ordinal));
            return line is null ? Guid.Empty : DataFolder.FromBase64(line["topic_id: ".Length..]);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return Guid.Empty;
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(List<TopicEntry>))]
internal sealed partial class TopicsJson : JsonSerializerContext;
