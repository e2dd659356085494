using System.Globalization;

namespace Kafka.Broker.Log;

internal sealed partial class PartitionLog
{
    /// <summary>
    /// Opens a partition's folder. After an unclean stop, everything past the recovery point is read again and checked; a torn tail is
    /// cut at the last whole batch, and so is what no longer follows on it; each cut is told with its offset and its number of bytes.
    /// </summary>
    public PartitionLog(string folder, LogConfig config, TimeProvider time, bool wasClean, long recoveryPoint, long startOffset, Action<long, long> cut)
    {
        (_folder, Config, _time) = (folder, config, time);
        Directory.CreateDirectory(folder);
        _segments = OpenSegments(folder);
        _startOffset = Math.Max(_segments[0].BaseOffset, startOffset);
        if (wasClean)
        {
            _endOffset = _segments[^1].FindNextOffset();
        }
        else
        {
            RecoverSegments(recoveryPoint, cut);
        }

        _startOffset = Math.Min(_startOffset, _endOffset);
        _recoveryPoint = wasClean ? _endOffset : Math.Min(recoveryPoint, _endOffset);
        LoadProducers();
        WriteLeaderEpochs();
    }

    private static Segment[] OpenSegments(string folder)
    {
        long[] offsets = [.. OffsetsOf(folder, ".log").Order()];
        return [.. (offsets.Length == 0 ? [0L] : offsets).Select(offset => new Segment(folder, offset))];
    }

    private static IEnumerable<long> OffsetsOf(string folder, string suffix)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*" + suffix))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
            {
                yield return offset;
            }
        }
    }

    private void RecoverSegments(long recoveryPoint, Action<long, long> cut)
    {
        for (int i = 0; i < _segments.Length; i++)
        {
            long segmentEnd = i + 1 < _segments.Length ? _segments[i + 1].BaseOffset : long.MaxValue;
            if (segmentEnd <= recoveryPoint)
            {
                continue;
            }

            (_endOffset, long bytesCut) = _segments[i].Recover(recoveryPoint);
            if (bytesCut > 0)
            {
                cut(_endOffset, bytesCut);
                foreach (Segment orphan in _segments[(i + 1)..])
                {
                    cut(orphan.BaseOffset, orphan.Size);
                    orphan.Delete();
                }

                _segments = _segments[..(i + 1)];
            }
        }
    }

    private void LoadProducers()
    {
        long from = _startOffset;
        foreach (long offset in OffsetsOf(_folder, ".snapshot").OrderDescending())
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

        for (int i = IndexOf(_segments, from); i < _segments.Length && from < _endOffset; i++)
        {
            if (_segments[i].Find(from) is not var (position, _))
            {
                continue;
            }

            using BatchScanner batches = _segments[i].Scan(position);
            while (batches.MoveNext())
            {
                _producers.Add(batches.Current);
                from = batches.Current.LastOffset + 1;
            }
        }
    }

    /// <summary>Kafka's file of leader epochs: version, count, then epoch and first offset. Epoch 0 starts with the partition.</summary>
    private void WriteLeaderEpochs()
    {
        string path = Path.Combine(_folder, "leader-epoch-checkpoint");
        if (!File.Exists(path))
        {
            File.WriteAllText(path, "0\n1\n0 0\n");
        }
    }
}
