using System.Collections.Concurrent;
using Kafka.Broker.Files;
using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Topics;

/// <summary>The topics of the broker, their partitions' logs, and what is done to all of them: made, configured, deleted, flushed, kept.</summary>
internal sealed partial class TopicCatalog : IDisposable
{
    private readonly Lock _change = new();
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Topic> _byId = new();
    private readonly Dictionary<string, TopicEntry> _beingDeleted = new(StringComparer.Ordinal);
    private readonly DataFolder _folder;
    private readonly BrokerOptions _options;
    private readonly LogResources _resources;

    public TopicCatalog(DataFolder folder, BrokerOptions options, LogResources resources)
    {
        (_folder, _options, _resources) = (folder, options, resources);
        Open();
    }

    /// <summary>A topic was made, configured, extended or deleted.</summary>
    public event Action? Changed;

    /// <summary>In the order of their names.</summary>
    public IEnumerable<Topic> All => _byName.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    private IEnumerable<PartitionLog> Partitions => _byName.Values.SelectMany(t => t.Partitions);

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

        var (error, _, made) = Create(name, (int)_options.Number("num.partitions"), new Dictionary<string, string>(), validateOnly: false);
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

            if (RefuseForSpace(partitions) is { } refused)
            {
                return (ErrorCode.InvalidPartitions, refused, null);
            }

            if (_beingDeleted.TryGetValue(name, out var former) && !RemoveFolders(former))
            {
                return (ErrorCode.KafkaStorageError, $"The folders of the deleted topic {name} can't be removed.", null);
            }

            var topic = new Topic(name, Guid.NewGuid(), new PartitionLog[partitions], settings);
            if (validateOnly)
            {
                return (ErrorCode.None, null, topic);
            }

            var (error, message) = Extend(topic with { Partitions = [] }, partitions);
            return (error, message, Find(name));
        }
    }

    public (ErrorCode Error, string? Message) AddPartitions(string name, int count)
    {
        lock (_change)
        {
            return Find(name) is not { } topic || topic.Partitions.Length >= count ? (ErrorCode.None, null)
                : RefuseForSpace(count - topic.Partitions.Length) is { } refused ? (ErrorCode.InvalidPartitions, refused)
                : Extend(topic, count);
        }
    }

    public ErrorCode Configure(string name, IReadOnlyDictionary<string, string> settings)
    {
        lock (_change)
        {
            if (Find(name) is not { } topic)
            {
                return ErrorCode.UnknownTopicOrPartition;
            }

            if (!TrySave([.. Entries().Where(e => e.Name != name), EntryOf(topic with { Settings = settings })]))
            {
                return ErrorCode.KafkaStorageError;
            }

            var config = TopicSettings.Apply(settings, _options);
            foreach (var partition in topic.Partitions)
            {
                partition.Config = config;
            }

            Put(topic with { Settings = settings });
            return ErrorCode.None;
        }
    }

    public ErrorCode Delete(Topic topic)
    {
        lock (_change)
        {
            if (!_byName.TryGetValue(topic.Name, out var current))
            {
                return ErrorCode.UnknownTopicOrPartition;
            }

            var entry = EntryOf(current) with { IsBeingDeleted = true };
            if (!TrySave([.. Entries().Where(e => e.Name != entry.Name), entry]))
            {
                return ErrorCode.KafkaStorageError;
            }

            _byName.TryRemove(current.Name, out _);
            _byId.TryRemove(current.Id, out _);
            _beingDeleted[entry.Name] = entry;
            Changed?.Invoke();
            foreach (var partition in current.Partitions)
            {
                partition.Close(flush: false);
            }

            RemoveFolders(entry);
            return ErrorCode.None;
        }
    }

    /// <summary>Brings all logs to the disk and notes how far, so that a start after a kill has little to read.</summary>
    public void Flush()
    {
        foreach (var partition in Partitions)
        {
            partition.Flush();
        }

        WriteCheckpoint(OffsetCheckpoint.RecoveryPoint, p => p.RecoveryPoint);
    }

    /// <summary>Notes the first offsets, so that deleted records stay deleted.</summary>
    public void SaveStartOffsets() => WriteCheckpoint(OffsetCheckpoint.LogStart, p => p.StartOffset);

    public void ApplyRetention()
    {
        var expired = (_resources.Time.GetUtcNow() - _options.Time("producer.id.expiration.ms")).ToUnixTimeMilliseconds();
        foreach (var partition in Partitions)
        {
            partition.ExpireProducers(expired);
            try
            {
                partition.ApplyRetention();
            }
            catch (Exception e) when (StorageErrors.IsStorageError(e))
            {
                _resources.Errors.Report(partition.Folder, e);
            }
        }

        SaveStartOffsets();
    }

    /// <summary>The clean stop: nothing is appended any more, everything is on the disk. It is marked as clean only if all of it is.</summary>
    public void Close()
    {
        lock (_change)
        {
            foreach (var partition in Partitions)
            {
                partition.Close(flush: true);
            }

            WriteCheckpoint(OffsetCheckpoint.RecoveryPoint, p => p.RecoveryPoint);
            SaveStartOffsets();
            if (Partitions.All(p => p.RecoveryPoint == p.EndOffset))
            {
                _folder.MarkClean();
            }
        }
    }

    public void Dispose()
    {
        foreach (var partition in Partitions)
        {
            partition.Dispose();
        }
    }

    private void WriteCheckpoint(string file, Func<PartitionLog, long> offset)
    {
        lock (_change)
        {
            try
            {
                OffsetCheckpoint.Write(
                    _folder.File(file), All.SelectMany(t => t.Partitions.Select((partition, index) => (t.Name, index, offset(partition)))));
            }
            catch (Exception e) when (StorageErrors.IsStorageError(e))
            {
                _resources.Errors.Report(_folder.Root, e);
            }
        }
    }

    private void Put(Topic topic)
    {
        _byName[topic.Name] = topic;
        _byId[topic.Id] = topic;
        Changed?.Invoke();
    }

    private static TopicEntry EntryOf(Topic topic) => new(topic.Name, topic.Id, topic.Partitions.Length, new Dictionary<string, string>(topic.Settings));

    private IEnumerable<TopicEntry> Entries() => [.. All.Select(EntryOf), .. _beingDeleted.Values];

    private bool TrySave(IEnumerable<TopicEntry> entries)
    {
        try
        {
            TopicList.Write(_folder, entries);
            _resources.Errors.Clear(_folder.Root);
            return true;
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            _resources.Errors.Report(_folder.Root, e);
            return false;
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "Took over topic {Topic} with {Partitions} partitions from its folders, of which topics.json does not know all")]
    private static partial void LogAdopted(ILogger logger, string topic, int partitions);

    [LoggerMessage(5, LogLevel.Warning, "{Folder} was missing and is made empty: the broker was stopped while the topic was made, or the folder is lost")]
    private static partial void LogMissing(ILogger logger, string folder);
}
