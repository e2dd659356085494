namespace Kafka.Broker.Log;

internal sealed partial class PartitionLog
{
    /// <summary>
    /// The first offset whose record is not older than the time; null if all are. A batch with one time for all its records
    /// (message.timestamp.type=LogAppendTime) starts with it.
    /// </summary>
    public (long Offset, long Timestamp)? FindByTime(long timestamp)
    {
        foreach (var segment in Volatile.Read(ref _segments))
        {
            if (segment.MaxTimestamp < timestamp)
            {
                continue;
            }

            using var batches = segment.Scan(segment.FloorPositionByTime(timestamp));
            while (batches.MoveNext())
            {
                var batch = batches.Current;
                if (batch.MaxTimestamp < timestamp || batch.LastOffset < StartOffset)
                {
                    continue;
                }

                if (batch.IsLogAppendTime)
                {
                    return (Math.Max(batch.BaseOffset, StartOffset), batch.MaxTimestamp);
                }

                if (FindInBatch(batches.Whole(), timestamp) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    /// <summary>The record with the greatest timestamp; null in an empty log.</summary>
    public (long Offset, long Timestamp)? FindMaxTime()
    {
        var newest = Volatile.Read(ref _segments).Where(s => s.Size > 0).MaxBy(s => s.MaxTimestamp);
        if (newest is null || newest.MaxTimestamp < 0 || newest.Find(newest.MaxTimestampOffset) is not var (position, _))
        {
            return null;
        }

        using var batches = newest.Scan(position);
        if (!batches.MoveNext())
        {
            return null;
        }

        var batch = batches.Whole();
        return (batch.IsLogAppendTime ? null : FindInBatch(batch, batch.MaxTimestamp)) ?? (batch.LastOffset, batch.MaxTimestamp);
    }

    private (long Offset, long Timestamp)? FindInBatch(RecordBatch batch, long timestamp)
    {
        try
        {
            return Records.FindByTime(batch, timestamp, StartOffset);
        }
        catch (InvalidRecordException)
        {
            return (Math.Max(batch.BaseOffset, StartOffset), batch.MaxTimestamp); // kept by a broker that did not look into it
        }
    }
}
