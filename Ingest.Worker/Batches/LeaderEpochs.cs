namespace Ingest.Worker.Batches;

/// <summary>
/// Under which of Kafka's leader epochs a partition's records were written, and from which offset on. Each leader has an epoch of its own, so a record is told
/// by its offset and its epoch (KIP-101).
/// </summary>
internal sealed class LeaderEpochs
{
    private readonly List<(int Epoch, long FirstOffset)> _epochs = [];

    public LeaderEpochs()
    {
    }

    public LeaderEpochs(LeaderEpochs other) => _epochs.AddRange(other._epochs);

    public bool IsEmpty => _epochs.Count == 0;

    /// <summary>Adds an epoch that begins after all others.</summary>
    /// <returns>False if it is known.</returns>
    public bool TryAdd(int epoch, long firstOffset)
    {
        foreach (var known in _epochs) // A lambda would be an object for each record.
        {
            if (known.Epoch == epoch)
            {
                return false;
            }
        }

        _epochs.Add((epoch, firstOffset));
        return true;
    }

    /// <summary>Forgets what begins at an offset or after it.</summary>
    public void CutAt(long offset) => _epochs.RemoveAll(epoch => epoch.FirstOffset >= offset);

    /// <summary>The epoch of an offset; null if it is before all that is known.</summary>
    public int? Of(long offset) => _epochs.FindLastIndex(epoch => epoch.FirstOffset <= offset) is >= 0 and var index ? _epochs[index].Epoch : null;
}
