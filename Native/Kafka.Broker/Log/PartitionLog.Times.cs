namespace Kafka.Broker.Log;

internal sealed partial class PartitionLog
{
    /// <summary>
    /// The first offset whose record is not older than the time; null if all are. In a compressed batch, which the broker does not
    /// open, it is the batch's first offset: a reader may get some older records of that batch first, and never misses one.
    /// </summary>
    public (long Offset, long Timestamp)? FindByTime(long timestamp)
    {
        foreach (Segment segment in Volatile.Read(ref _segments))
        {
            if (segment.MaxTimestamp < timestamp)
            {
                continue;
            }

            using BatchScanner batches = segment.Scan(segment.FloorPositionByTime(timestamp));
            while (batches.MoveNext())
            {
                RecordBatch batch = batches.Current;
                if (batch.MaxTimestamp < timestamp || batch.LastOffset < StartOffset)
                {
                    continue;
                }

                if (batch.Compression != 0 || batch.IsLogAppendTime)
                {
                    return (Math.Max(batch.BaseOffset, StartOffset), batch.MaxTimestamp);
                }

                foreach ((long offset, long time) in RecordTimes.Of(batches.Whole()))
                {
                    if (time >= timestamp && offset >= StartOffset)
                    {
                        return (offset, time);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The record with the greatest timestamp; null in an empty log. Of a compressed batch, its last offset.</summary>
    public (long Offset, long Timestamp)? FindMaxTime()
    {
        Segment? newest = Volatile.Read(ref _segments).Where(s => s.Size > 0).MaxBy(s => s.MaxTimestamp);
        if (newest is null || newest.MaxTimestamp < 0 || newest.Find(newest.MaxTimestampOffset) is not var (position, _))
        {
            return null;
        }

        using BatchScanner batches = newest.Scan(position);
        if (!batches.MoveNext())
        {
            return null;
        }

        if (batches.Current.Compression == 0 && !batches.Current.IsLogAppendTime)
        {
            foreach ((long offset, long time) in RecordTimes.Of(batches.Whole()))
            {
                if (time == batches.Current.MaxTimestamp)
                {
                    return (offset, time);
                }
            }
        }

        return (batches.Current.LastOffset, batches.Current.MaxTimestamp);
    }
}
