namespace Kafka.Broker.Log;

/// <summary>
/// What the records of a batch are together: their times in milliseconds since 1970, and the numbers (from 0, -1: none) of the first
/// record with the least and the greatest of them and of the first without a key.
/// </summary>
internal readonly record struct RecordsSummary(long MinTimestamp, long MaxTimestamp, int IndexOfMin, int IndexOfMax, int FirstWithoutKey);

/// <summary>The records inside a batch, compressed or not.</summary>
internal static class Records
{
    /// <summary>Reads all records of a batch that is whole.</summary>
    /// <exception cref="InvalidRecordException">They can't be unpacked, are no records, or others than the header says.</exception>
    public static RecordsSummary Check(RecordBatch batch)
    {
        var (min, max, indexOfMin, indexOfMax, withoutKey) = (long.MaxValue, long.MinValue, -1, -1, -1);
        var index = 0;
        using var records = new RecordReader(batch);
        for (; records.HasMore(); index++)
        {
            var record = records.Read();
            if (record.OffsetDelta != index || index == batch.Count)
            {
                throw new InvalidRecordException(index == batch.Count ? "there are more than the header says" : "their offsets do not follow on each other");
            }

            var timestamp = batch.BaseTimestamp + record.TimestampDelta;
            (min, indexOfMin) = timestamp < min ? (timestamp, index) : (min, indexOfMin);
            (max, indexOfMax) = timestamp > max ? (timestamp, index) : (max, indexOfMax);
            withoutKey = record.HasKey || withoutKey >= 0 ? withoutKey : index;
        }

        return index == batch.Count
            ? new RecordsSummary(min, max, indexOfMin, indexOfMax, withoutKey)
            : throw new InvalidRecordException("there are less than the header says");
    }

    /// <summary>The first record from an offset on that is not older than the time; null if there is none.</summary>
    public static (long Offset, long Timestamp)? FindByTime(RecordBatch batch, long timestamp, long fromOffset)
    {
        using var records = new RecordReader(batch);
        while (records.HasMore())
        {
            var record = records.Read();
            var (offset, time) = (batch.BaseOffset + record.OffsetDelta, batch.BaseTimestamp + record.TimestampDelta);
            if (time >= timestamp && offset >= fromOffset)
            {
                return (offset, time);
            }
        }

        return null;
    }
}
