using Kafka.Broker.Log;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// What a producer's batch is refused for: the rules of Apache's LogValidator, tried against 4.3.0, so that no batch gets into a log
/// that a consumer could not read. Where Apache answers UNKNOWN_SERVER_ERROR (a batch that can't be unpacked), it is INVALID_RECORD here,
/// which a producer does not send again.
/// </summary>
internal static class ProducedBatch
{
    private const int FirstVersionWithZstd = 7;

    /// <summary>Null if the bytes are one batch as it should be. Its greatest timestamp is put right where its header is wrong.</summary>
    public static AppendResult? Refuse(Span<byte> records, LogConfig config, short version, long now)
    {
        if (RefuseHeader(records, config, version) is { } refused)
        {
            return refused;
        }

        var batch = new RecordBatch(records);
        RecordsSummary summary;
        try
        {
            summary = Records.Check(batch);
        }
        catch (InvalidRecordException e)
        {
            return Refused(ErrorCode.InvalidRecord, $"The records of a batch are not what its header says: {e.Message}.");
        }

        if (config.IsCompacted && summary.FirstWithoutKey >= 0)
        {
            return Refused(ErrorCode.InvalidRecord, "Compacted topic cannot accept message without key.", summary.FirstWithoutKey);
        }

        if (config.LogAppendTime)
        {
            return null;
        }

        if (summary.MaxTimestamp - now > config.TimestampAfterMaxMs || (summary.MinTimestamp >= 0 && now - summary.MinTimestamp > config.TimestampBeforeMaxMs))
        {
            var isAhead = summary.MaxTimestamp - now > config.TimestampAfterMaxMs;
            var (timestamp, index) = isAhead ? (summary.MaxTimestamp, summary.IndexOfMax) : (summary.MinTimestamp, summary.IndexOfMin);
            var limits = $"{config.TimestampBeforeMaxMs} before and {config.TimestampAfterMaxMs} after the broker's time, {now}";
            return Refused(ErrorCode.InvalidTimestamp, $"Timestamp {timestamp} is out of range, milliseconds may be {limits}.", index);
        }

        if (summary.MaxTimestamp != batch.MaxTimestamp)
        {
            batch.StampMaxTimestamp(summary.MaxTimestamp);
        }

        return null;
    }

    private static AppendResult? RefuseHeader(Span<byte> records, LogConfig config, short version)
    {
        if (records.Length < RecordBatch.HeaderSize)
        {
            return Refused(ErrorCode.InvalidRecord, "The request holds no whole record batch.");
        }

        if (records.Length > config.SegmentBytes)
        {
            return Refused(ErrorCode.RecordListTooLarge, $"The batch has {records.Length} bytes, a segment {config.SegmentBytes} (segment.bytes).");
        }

        var batch = new RecordBatch(records);
        if (batch.Magic != 2)
        {
            var error = batch.Magic < 2 ? ErrorCode.InvalidRecord : ErrorCode.CorruptMessage;
            return Refused(error, $"Record batches have magic 2, not {batch.Magic}.");
        }

        if (batch.Size != records.Length)
        {
            return Refused(ErrorCode.InvalidRecord, "A partition is sent exactly one record batch, of the length that its header says.");
        }

        if (batch.Size > config.MaxMessageBytes)
        {
            return Refused(ErrorCode.MessageTooLarge, $"The record batch has {batch.Size} bytes, more than max.message.bytes={config.MaxMessageBytes}.");
        }

        if (!batch.IsIntact)
        {
            return Refused(ErrorCode.CorruptMessage, "A record batch does not match its CRC.");
        }

        if (batch.Compression == Decompression.Zstd && version < FirstVersionWithZstd || batch.Compression > Decompression.Zstd)
        {
            return Refused(ErrorCode.UnsupportedCompressionType, $"Compression {batch.Compression} can't be sent with Produce version {version}.");
        }

        if (batch.IsTransactional)
        {
            return Refused(ErrorCode.TransactionalIdAuthorizationFailed, "Transactions are not served by this broker.");
        }

        if (batch.IsControl || batch.BaseOffset != 0 || batch.Count <= 0 || batch.LastOffsetDelta != batch.Count - 1)
        {
            return Refused(ErrorCode.InvalidRecord, "A producer's batch has base offset 0, the last offset that its records give, and no control records.");
        }

        return batch.ProducerId >= 0 && (batch.ProducerEpoch < 0 || batch.BaseSequence < 0)
            ? Refused(ErrorCode.InvalidRecord, "An idempotent producer's batch has an epoch and a sequence.")
            : null;
    }

    private static AppendResult Refused(ErrorCode error, string message, int? badRecord = null) =>
        AppendResult.Refused(error, message) with { BadRecord = badRecord };
}
