using Kafka.Broker.Files;
using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;

namespace Kafka.Broker.Topics;

internal sealed partial class TopicCatalog
{
    /// <summary>What a partition without records takes: its objects and buffers in memory, its folder and files on the disk, in bytes.</summary>
    private const long MemoryOfPartition = 16 * 1024;
    private const long DiskOfPartition = 24 * 1024;

    private void Open()
    {
        var listed = TopicList.Read(_folder);
        foreach (var entry in listed.Where(e => e.IsBeingDeleted))
        {
            _beingDeleted[entry.Name] = entry;
        }

        var entries = TopicList.Adopt(_folder, listed, e => LogAdopted(_resources.Log, e.Name, e.Partitions));
        var recoveryPoints = OffsetCheckpoint.Read(_folder.File(OffsetCheckpoint.RecoveryPoint));
        var startOffsets = OffsetCheckpoint.Read(_folder.File(OffsetCheckpoint.LogStart));
        foreach (var entry in entries)
        {
            var config = TopicSettings.Apply(entry.Settings, _options);
            var logs = new PartitionLog[entry.Partitions];
            Parallel.For(0, logs.Length, i =>
            {
                var name = TopicList.FolderName(entry.Name, i);
                if (!Directory.Exists(_folder.File(name)))
                {
                    LogMissing(_resources.Log, _folder.File(name));
                }

                logs[i] = OpenPartition(entry.Name, i, entry.Id, config, new LastStop(
                    _folder.WasClean, recoveryPoints.GetValueOrDefault(name), startOffsets.GetValueOrDefault(name), _folder.LeaderEpoch));
            });
            Put(new Topic(entry.Name, entry.Id, logs, entry.Settings));
        }

        foreach (var entry in _beingDeleted.Values.ToArray())
        {
            RemoveFolders(entry);
        }

        TrySave(Entries());
    }

    /// <summary>Makes the partitions that a topic lacks. What can't be made whole leaves nothing behind.</summary>
    private (ErrorCode Error, string? Message) Extend(Topic topic, int count)
    {
        var added = new List<PartitionLog>();
        var from = topic.Partitions.Length;
        var taken = Enumerable.Range(from, count - from).Select(i => _folder.File(TopicList.FolderName(topic.Name, i))).FirstOrDefault(Path.Exists);
        if (taken is not null)
        {
            return (ErrorCode.KafkaStorageError, $"{taken} is there already, though it belongs to no topic; move it out of the data folder.");
        }

        try
        {
            TopicList.Write(_folder, Entries().Where(e => e.Name != topic.Name).Append(EntryOf(topic) with { Partitions = count }));
            var config = TopicSettings.Apply(topic.Settings, _options);
            for (var i = from; i < count; i++)
            {
                added.Add(OpenPartition(topic.Name, i, topic.Id, config, new LastStop(WasClean: true, 0, 0, NextLeaderEpoch: 0)));
            }

            Folder.Sync(_folder.Root);
            Put(topic with { Partitions = [.. topic.Partitions, .. added] });
            _resources.Errors.Clear(_folder.Root);
            return (ErrorCode.None, null);
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            _resources.Errors.Report(_folder.Root, e);
            Undo(topic, from, count, added);
            return (ErrorCode.KafkaStorageError, $"The partitions of {topic.Name} can't be made: {e.Message}");
        }
    }

    private void Undo(Topic topic, int from, int count, List<PartitionLog> added)
    {
        added.ForEach(log => log.Close(flush: false));
        try
        {
            for (var i = from; i < count; i++)
            {
                DeleteFolder(_folder.File(TopicList.FolderName(topic.Name, i)));
            }

            TopicList.Write(_folder, Entries());
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            _resources.Errors.Report(_folder.Root, e); // the next start makes what is missing, or the next try is told of the folder
        }
    }

    /// <summary>A sentence if so many more partitions are too many for the memory or the disk.</summary>
    private string? RefuseForSpace(int more)
    {
        var have = Partitions.Count();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        var disk = new DriveInfo(_folder.Root).AvailableFreeSpace / 2;
        var (inMemory, onDisk) = (Math.Max(0, (memory / MemoryOfPartition) - have), disk / DiskOfPartition);
        return more > inMemory ? $"{more} more partitions beside {have} would take more than a quarter of this machine's memory; give at most {inMemory}."
            : more > onDisk ? $"{more} partitions would take more than half of the {disk * 2} bytes that are free in the data folder; give at most {onDisk}."
            : null;
    }

    private PartitionLog OpenPartition(string topic, int partition, Guid id, LogConfig config, LastStop lastStop)
    {
        var folder = _folder.File(TopicList.FolderName(topic, partition));
        var log = new PartitionLog(folder, config, _resources, lastStop);
        TopicList.WritePartitionMetadata(folder, id);
        return log;
    }

    /// <summary>Ends the deletion of a topic. False if it can't be ended; the list goes on naming it, and the next start tries again.</summary>
    private bool RemoveFolders(TopicEntry entry)
    {
        try
        {
            for (var i = 0; i < entry.Partitions; i++)
            {
                DeleteFolder(_folder.File(TopicList.FolderName(entry.Name, i)));
            }

            Folder.Sync(_folder.Root);
            _beingDeleted.Remove(entry.Name);
            return TrySave(Entries());
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            _resources.Errors.Report(_folder.Root, e);
            return false;
        }
    }

    private void DeleteFolder(string folder)
    {
        _resources.Errors.Forget(folder);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
