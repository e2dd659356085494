using Kafka.Broker.Files;

namespace Kafka.Broker.Log;

internal sealed partial class PartitionLog
{
    /// <summary>
    /// Brings what was appended so far to the disk, with the state of the producers at that point; appends go on meanwhile. Where it
    /// can't, that is reported, and the recovery point stays where it is.
    /// </summary>
    public void Flush()
    {
        lock (_flush)
        {
            Segment[] dirty;
            long end;
            byte[]? snapshot;
            lock (_lock)
            {
                if (_closed || _endOffset == _recoveryPoint)
                {
                    return;
                }

                dirty = _segments[IndexOf(_segments, _recoveryPoint)..];
                end = _endOffset;
                snapshot = _producers.All.Count > 0 ? _producers.ToSnapshot() : null;
            }

            try
            {
                foreach (var segment in dirty)
                {
                    segment.Flush();
                }

                SaveSnapshot(end, snapshot);
                Files.Folder.Sync(_folder); // which may have new segments
                SaveLeaderEpochs();

                DeleteOldSnapshot(end, snapshot);
                Volatile.Write(ref _recoveryPoint, end);
            }
            catch (ObjectDisposedException)
            {
                // Retention deleted a segment in between; the next flush takes the others.
            }
            catch (Exception e) when (StorageErrors.IsStorageError(e))
            {
                _resources.Errors.Report(_folder, e);
            }
        }
    }

    private void SaveLeaderEpochs()
    {
        lock (_lock)
        {
            if (!_epochs.IsDurable)
            {
                _epochs.Save(isDurable: true);
            }
        }
    }

    private void SaveSnapshot(long offset, byte[]? snapshot)
    {
        if (snapshot is not null)
        {
            DurableFile.Write(SnapshotPath(offset), snapshot);
        }
    }

    private void DeleteOldSnapshot(long offset, byte[]? snapshot)
    {
        if (_snapshotOffset >= 0 && _snapshotOffset != offset)
        {
            File.Delete(SnapshotPath(_snapshotOffset));
        }

        _snapshotOffset = snapshot is null ? -1 : offset;
    }

    private string SnapshotPath(long offset) => Path.Combine(_folder, Segment.FileName(offset) + ".snapshot");

    /// <summary>
    /// No append succeeds from now on, and nothing more is written to the folder: a flush that is under way is waited for, a later one
    /// does nothing. Waiting fetches look again.
    /// </summary>
    public void Close(bool flush)
    {
        if (flush)
        {
            Seal();
            Flush();
        }

        lock (_flush)
        {
            lock (_lock)
            {
                if (_closed)
                {
                    return;
                }

                _closed = true;
                foreach (var wait in _waiting)
                {
                    wait.Wake();
                }

                Dispose();
            }
        }
    }

    private void Seal()
    {
        lock (_lock)
        {
            try
            {
                _segments[^1].Seal();
            }
            catch (Exception e) when (StorageErrors.IsStorageError(e))
            {
                _resources.Errors.Report(_folder, e);
            }
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }
    }
}
