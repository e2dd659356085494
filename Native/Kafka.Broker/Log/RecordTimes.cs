namespace Kafka.Broker.Log;

/// <summary>Reads the records inside an uncompressed batch, as far as the broker needs to: their offsets, times and extents.</summary>
internal static class RecordTimes
{
    /// <summary>Offset and timestamp of each record; ends early where the bytes are no records.</summary>
    public static List<(long Offset, long Timestamp)> Of(RecordBatch batch)
    {
        var records = new List<(long, long)>();
        for (ReadOnlySpan<byte> left = batch.Records; TryVarint(ref left, out long length) && length > 0 && length <= left.Length; left = left[(int)length..])
        {
            ReadOnlySpan<byte> record = left[1..(int)length]; // the first byte is the record's attributes
            if (!TryVarint(ref record, out long timeDelta) || !TryVarint(ref record, out long offsetDelta))
            {
                break;
            }

            records.Add((batch.BaseOffset + offsetDelta, batch.BaseTimestamp + timeDelta));
        }

        return records;
    }

    /// <summary>Whether as many records as the header says fill the batch to its last byte, in the order of their offsets.</summary>
    public static bool AreWellFormed(RecordBatch batch)
    {
        ReadOnlySpan<byte> left = batch.Records;
        for (int i = 0; i < batch.Count; i++)
        {
            if (!TryVarint(ref left, out long length) || length <= 0 || length > left.Length)
            {
                return false;
            }

            ReadOnlySpan<byte> record = left[1..(int)length];
            if (!TryVarint(ref record, out _) || !TryVarint(ref record, out long offsetDelta) || offsetDelta != i)
            {
                return false;
            }

            left = left[(int)length..];
        }

        return left.IsEmpty;
    }

    /// <summary>A zigzag varint, as the records of format v2 use for every number.</summary>
    private static bool TryVarint(ref ReadOnlySpan<byte> bytes, out long value)
    {
        ulong raw = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            raw |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                value = (long)(raw >> 1) ^ -(long)(raw & 1);
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        value = 0;
        return false;
    }
}
