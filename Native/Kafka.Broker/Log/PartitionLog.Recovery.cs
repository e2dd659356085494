using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Log;

/// <summary>What is known of a partition before its folder is read.</summary>
/// <param name="WasClean">Whether the last broker stopped with everything on the disk.</param>
/// <param name="RecoveryPoint">Everything below is known to be on the disk.</param>
/// <param name="StartOffset">What is before was deleted.</param>
/// <param name="NextLeaderEpoch">The leader epoch that begins if it did not: above all that were ever given out.</param>
internal readonly record struct LastStop(bool WasClean, long RecoveryPoint, long StartOffset, int NextLeaderEpoch);

internal sealed partial class PartitionLog
{
    /// <summary>
    /// Opens a partition's folder, or makes it. After an unclean stop, everything past the recovery point is read again and checked; a
    /// torn tail is cut at the last whole batch, and so is what no longer follows on it; and a new leader epoch begins, since nobody can
    /// know what was acknowledged after the last byte that is left.
    /// </summary>
    public PartitionLog(string folder, LogConfig config, LogResources resources, LastStop lastStop)
    {
        (_folder, Config, _resources) = (folder, config, resources);
        Directory.CreateDirectory(folder);
        _segments = OpenSegments();
        _epochs = new LeaderEpochs(folder);
        _startOffset = Math.Max(_segments[0].BaseOffset, lastStop.StartOffset);
        if (lastStop.WasClean)
        {
            CheckIndexes();
            _endOffset = _segments[^1].FindNextOffset();
        }
        else
        {
            RecoverSegments(lastStop.RecoveryPoint);
        }

        _startOffset = Math.Min(_startOffset, _endOffset);
        _recoveryPoint = lastStop.WasClean ? _endOffset : Math.Min(lastStop.RecoveryPoint, _endOffset);
        LoadProducers();
        var mayHaveLost = !lastStop.WasClean || lastStop.RecoveryPoint > _endOffset;
        LoadLeaderEpochs(mayHaveLost, lastStop.NextLeaderEpoch);
        if (mayHaveLost)
        {
            _producers.MarkUncertain();
        }

        if (lastStop.RecoveryPoint > _endOffset)
        {
            LogShortened(resources.Log, folder, _endOffset, lastStop.RecoveryPoint);
        }
    }

    private Segment[] OpenSegments()
    {
        long[] offsets = [.. OffsetsOf(_folder, ".log").Order()];
        return [.. (offsets.Length == 0 ? [0L] : offsets).Select(offset => new Segment(_resources.Files, _folder, offset))];
    }

    private static IEnumerable<long> OffsetsOf(string folder, string suffix)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*" + suffix))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                yield return offset;
            }
        }
    }

    private void CheckIndexes()
    {
        foreach (var segment in _segments)
        {
            if (!segment.HasSoundIndexes())
            {
                LogIndexRebuilt(_resources.Log, _folder, segment.BaseOffset);
                segment.RebuildIndexes();
            }
        }
    }

    private void RecoverSegments(long recoveryPoint)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            var isSound = _segments[i].HasSoundIndexes();
            var segmentEnd = i + 1 < _segments.Length ? _segments[i + 1].BaseOffset : long.MaxValue;
            if (segmentEnd <= recoveryPoint && isSound)
            {
                continue;
            }

            (_endOffset, var bytesCut) = _segments[i].Recover(recoveryPoint, isSound);
            if (bytesCut > 0)
            {
                LogCut(_resources.Log, _folder, bytesCut, _endOffset);
                foreach (var orphan in _segments[(i + 1)..])
                {
                    LogCut(_resources.Log, _folder, orphan.Size, orphan.BaseOffset);
                    orphan.Delete();
                }

                _segments = _segments[..(i + 1)];
            }
        }
    }

    private void LoadProducers()
    {
        var from = _startOffset;
        foreach (var offset in OffsetsOf(_folder, ".snapshot").OrderDescending())
        {
            if (offset > _endOffset)
            {
                File.Delete(SnapshotPath(offset));
            }
            else if (_producers.TryLoad(File.ReadAllBytes(SnapshotPath(offset))))
            {
                (_snapshotOffset, from) = (offset, Math.Max(from, offset));
                break;
            }
        }

        ForEachBatch(from, batch => _producers.Add(batch));
    }

    private void LoadLeaderEpochs(bool mayHaveLost, int nextEpoch)
    {
        var isKnown = _epochs.TryLoad();
        if (!isKnown)
        {
            ForEachBatch(_startOffset, batch => _epochs.Begin(batch.LeaderEpoch, batch.BaseOffset));
            if (_epochs.IsEmpty)
            {
                _epochs.Begin(0, _startOffset);
            }
        }

        if (mayHaveLost)
        {
            var last = _epochs.Current;
            _epochs.TruncateFrom(_endOffset);
            _epochs.Begin(Math.Max(last + 1, nextEpoch), _endOffset);
        }

        if (!isKnown || mayHaveLost)
        {
            _epochs.Save(isDurable: false);
        }
    }

    private void ForEachBatch(long from, Action<RecordBatch> read)
    {
        for (var i = IndexOf(_segments, from); i < _segments.Length && from < _endOffset; i++)
        {
            if (_segments[i].Find(from) is not var (position, _))
            {
                continue;
            }

            using var batches = _segments[i].Scan(position);
            while (batches.MoveNext())
            {
                read(batches.Current);
                from = batches.Current.LastOffset + 1;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Folder}: cut {Bytes} bytes that are no whole batch after offset {Offset}")]
    private static partial void LogCut(ILogger logger, string folder, long bytes, long offset);

    [LoggerMessage(4, LogLevel.Error, "{Folder}: the log ends at offset {End}, though everything up to {RecoveryPoint} was on the disk: records are lost")]
    private static partial void LogShortened(ILogger logger, string folder, long end, long recoveryPoint);
}
