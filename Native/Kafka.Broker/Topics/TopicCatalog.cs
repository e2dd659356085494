using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Server;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Topics;

/// <summary>
/// The topics of the broker. `topics.json` in the data folder says which there are: it is written last when one is made and first
/// when one is deleted, so that a kill in between leaves folders that the next start removes, never half a topic.
/// </summary>
internal sealed partial class TopicCatalog : IDisposable
{
    private readonly Lock _change = new();
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Topic> _byId = new();
    private readonly DataFolder _folder;
    private readonly BrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public TopicCatalog(DataFolder folder, BrokerOptions options, TimeProvider time, ILogger log)
    {
        (_folder, _options, _time, _log) = (folder, options, time, log);
        Open();
    }

    /// <summary>In the order of their names.</summary>
    public IEnumerable<Topic> All => _byName.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    public Topic? Find(string name) => _byName.GetValueOrDefault(name);

    public Topic? Find(Guid id) => _byId.GetValueOrDefault(id);

    public PartitionLog? Partition(string topic, int index) => Find(topic)?.Partition(index);

    /// <summary>The topic, made with the default partitions if it is missing and may be made.</summary>
    public (Topic? Topic, ErrorCode Error) FindOrCreate(string name, bool mayCreate)
    {
        if (Find(name) is { } found)
        {
            return (found, ErrorCode.None);
        }

        if (!Topic.IsName(name))
        {
            return (null, ErrorCode.InvalidTopic);
        }

        if (!mayCreate || _options.Value("auto.create.topics.enable") != "true")
        {
            return (null, ErrorCode.UnknownTopicOrPartition);
        }

        (ErrorCode error, _, Topic? made) = Create(name, (int)_options.Number("num.partitions"), new Dictionary<string, string>(), validateOnly: false);
        return error == ErrorCode.TopicAlreadyExists ? (Find(name), ErrorCode.None) : (made, error);
    }

    public (ErrorCode Error, string? Message, Topic? Topic) Create(string name, int partitions, IReadOnlyDictionary<string, string> settings, bool validateOnly)
    {
        if (!Topic.IsName(name))
        {
            return (ErrorCode.InvalidTopic, $"Topic name '{name}' is not 1 to 249 letters, digits, '.', '_' or '-'.", null);
        }

        lock (_change)
        {
            if (_byName.ContainsKey(name))
            {
                return (ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.", null);
            }

            if (_byName.Keys.FirstOrDefault(k => k.Replace('.', '_') == name.Replace('.', '_')) is { } colliding)
            {
                return (ErrorCode.InvalidTopic, $"Topic '{name}' collides with existing topic: {colliding}", null);
            }

            Guid id = Guid.NewGuid();
            if (validateOnly)
            {
                return (ErrorCode.None, null, new Topic(name, id, new PartitionLog[partitions], settings));
            }

            var topic = new Topic(name, id, OpenPartitions(name, id, 0, partitions, settings), settings);
            Put(topic);
            Save();
            return (ErrorCode.None, null, topic);
        }
    }

    public void AddPartitions(string name, int count)
    {
        lock (_change)
        {
            if (Find(name) is { } topic && topic.Partitions.Length < count)
            {
                PartitionLog[] added = OpenPartitions(name, topic.Id, topic.Partitions.Length, count, topic.Settings);
                Put(topic with { Partitions = [.. topic.Partitions, .. added] });
                Save();
            }
        }
    }

    public void Configure(string name, IReadOnlyDictionary<string, string> settings)
    {
        lock (_change)
        {
            if (Find(name) is { } topic)
            {
                LogConfig config = TopicSettings.Apply(settings, _options.LogDefaults);
                foreach (PartitionLog partition in topic.Partitions)
                {
                    partition.Config = config;
                }

                Put(topic with { Settings = settings });
                Save();
            }
        }
    }

    public bool Delete(Topic topic)
    {
        lock (_change)
        {
            if (!_byName.TryRemove(topic.Name, out Topic? current))
            {
                return false;
            }

            _byId.TryRemove(current.Id, out _);
            Save();
            foreach (PartitionLog partition in current.Partitions)
            {
                partition.Close(flush: false);
                Directory.Delete(partition.Folder, recursive: true);
            }

            return true;
        }
    }

    /// <summary>Brings all logs to the disk and notes how far, so that a start after a kill has little to read.</summary>
    public void Flush()
    {
        foreach (PartitionLog partition in _byName.Values.SelectMany(t => t.Partitions))
        {
            partition.Flush();
        }

        WriteCheckpoint(OffsetCheckpoint.RecoveryPoint, p => p.RecoveryPoint);
    }

    /// <summary>Notes the first offsets, so that deleted records stay deleted.</summary>
    public void SaveStartOffsets() => WriteCheckpoint(OffsetCheckpoint.LogStart, p => p.StartOffset);

    public void ApplyRetention()
    {
        long expired = (_time.GetUtcNow() - _options.Time("producer.id.expiration.ms")).ToUnixTimeMilliseconds();
        foreach (PartitionLog partition in _byName.Values.SelectMany(t => t.Partitions))
        {
            partition.ApplyRetention();
            partition.ExpireProducers(expired);
        }

        SaveStartOffsets();
    }

    /// <summary>The clean stop: nothing is appended any more, everything is on the disk.</summary>
    public void Close()
    {
        lock (_change)
        {
            foreach (PartitionLog partition in _byName.Values.SelectMany(t => t.Partitions))
            {
                partition.Close(flush: true);
            }

            WriteCheckpoint(OffsetCheckpoint.RecoveryPoint, p => p.RecoveryPoint);
            SaveStartOffsets();
            _folder.MarkClean();
        }
    }

    public void Dispose()
    {
        foreach (PartitionLog partition in _byName.Values.SelectMany(t => t.Partitions))
        {
            partition.Dispose();
        }
    }

    private void WriteCheckpoint(string file, Func<PartitionLog, long> offset)
    {
        lock (_change)
        {
            OffsetCheckpoint.Write(
                _folder.File(file), All.SelectMany(t => t.Partitions.Select((partition, index) => (t.Name, index, offset(partition)))));
        }
    }

    private void Put(Topic topic)
    {
        _byName[topic.Name] = topic;
        _byId[topic.Id] = topic;
    }

    private void Open()
    {
        string path = _folder.File("topics.json");
        if (!File.Exists(path))
        {
            if (Directory.EnumerateFiles(_folder.Root, "partition.metadata", SearchOption.AllDirectories).Any())
            {
                throw new ArgumentException($"The data folder {_folder.Root} holds partitions but no topics.json, so it is another broker's; give another one with --data.");
            }

            Save();
        }

        List<TopicEntry> entries = File.Exists(path)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(path), TopicsJson.Default.ListTopicEntry)
                ?? throw new InvalidDataException($"{path} is empty; restore it from a backup.")
            : [];
        var expected = entries.SelectMany(e => Enumerable.Range(0, e.Partitions).Select(i => FolderName(e.Name, i))).ToHashSet(StringComparer.Ordinal);
        foreach (string folder in Directory.EnumerateDirectories(_folder.Root))
        {
            if (!expected.Contains(Path.GetFileName(folder)) && File.Exists(Path.Combine(folder, "partition.metadata")))
            {
                LogOrphanRemoved(_log, folder);
                Directory.Delete(folder, recursive: true);
            }
        }

        Dictionary<string, long> recoveryPoints = OffsetCheckpoint.Read(_folder.File(OffsetCheckpoint.RecoveryPoint));
        Dictionary<string, long> startOffsets = OffsetCheckpoint.Read(_folder.File(OffsetCheckpoint.LogStart));
        Parallel.ForEach(entries, entry =>
            Put(new Topic(entry.Name, entry.Id, OpenPartitions(entry.Name, entry.Id, 0, entry.Partitions, entry.Settings, recoveryPoints, startOffsets), entry.Settings)));
    }

    private PartitionLog[] OpenPartitions(
        string topic, Guid id, int from, int to, IReadOnlyDictionary<string, string> settings,
        Dictionary<string, long>? recoveryPoints = null, Dictionary<string, long>? startOffsets = null)
    {
        LogConfig config = TopicSettings.Apply(settings, _options.LogDefaults);
        var partitions = new PartitionLog[to - from];
        for (int i = from; i < to; i++)
        {
            string name = FolderName(topic, i);
            partitions[i - from] = new PartitionLog(
                _folder.File(name),
                config,
                _time,
                _folder.WasClean,
                recoveryPoints?.GetValueOrDefault(name) ?? 0,
                startOffsets?.GetValueOrDefault(name) ?? 0,
                (offset, bytes) => LogTornTail(_log, name, bytes, offset));
            string metadata = Path.Combine(_folder.File(name), "partition.metadata");
            if (!File.Exists(metadata))
            {
                File.WriteAllText(metadata, $"version: 0\ntopic_id: {DataFolder.Base64(id)}\n");
            }
        }

        return partitions;
    }

    private void Save() => DurableFile.Write(
        _folder.File("topics.json"),
        JsonSerializer.SerializeToUtf8Bytes(
            [.. All.Select(t => new TopicEntry(t.Name, t.Id, t.Partitions.Length, new Dictionary<string, string>(t.Settings)))],
            TopicsJson.Default.ListTopicEntry));

    private static string FolderName(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}");

    [LoggerMessage(1, LogLevel.Warning, "{Partition}: cut {Bytes} bytes that are no whole batch after offset {Offset}")]
    private static partial void LogTornTail(ILogger logger, string partition, long bytes, long offset);

    [LoggerMessage(2, LogLevel.Warning, "Removed {Folder}, left over from a topic that was being made or deleted")]
    private static partial void LogOrphanRemoved(ILogger logger, string folder);
}

/// <summary>A topic as `topics.json` keeps it.</summary>
internal sealed record TopicEntry(string Name, Guid Id, int Partitions, Dictionary<string, string> Settings);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<TopicEntry>))]
internal sealed partial class TopicsJson : JsonSerializerContext;
