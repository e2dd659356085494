using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// Produce, key 0, versions 3 to 13 (topic ids from 13 on). Acknowledged once the bytes are written to the segment file; acks=1 and
/// acks=-1 mean the same on one node, acks=0 gets no answer. Versions 0 to 2 are named by ApiVersions although no request in them is
/// served: librdkafka takes their absence for a broker without compression, so Kafka 4 names them too (KIP-896).
/// </summary>
internal sealed class Produce(Server.Broker broker, TimeProvider time) : ImmediateApi(0, 3, 13, flexibleFrom: 9)
{
    private const int FirstVersionWithZstd = 7;

    /// <summary>Kafka's default of message.timestamp.after.max.ms: how far a producer's clock may run ahead. A record from far ahead would never be old.</summary>
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromHours(1);

    public override short AdvertisedMin => 0;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        if (request.Version < Min)
        {
            throw new MalformedRequestException($"it produces with version {request.Version}, from before record batches");
        }

        RequestReader reader = request.Read();
        string? transactionalId = reader.NullableString();
        short acks = reader.Int16();
        reader.Int32(); // timeout: nothing is waited for
        ErrorCode refused = acks is < -1 or > 1 ? ErrorCode.InvalidRequiredAcks : transactionalId is not null ? ErrorCode.InvalidRequest : ErrorCode.None;

        int topics = reader.ArrayLength();
        answer.Array(topics);
        for (int i = 0; i < topics; i++)
        {
            Topic? topic;
            if (request.Version >= 13)
            {
                Guid id = reader.Uuid();
                topic = broker.Topics.Find(id);
                answer.Uuid(id);
            }
            else
            {
                string name = reader.String();
                topic = broker.Topics.Find(name);
                answer.String(name);
            }

            int partitions = reader.ArrayLength();
            answer.Array(partitions);
            for (int p = 0; p < partitions; p++)
            {
                int index = reader.Int32();
                Span<byte> records = reader.Bytes();
                reader.Tags();
                ErrorCode unknown = topic is null && request.Version >= 13 ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
                AppendResult result = refused != ErrorCode.None ? AppendResult.Refused(refused, "Transactions are not served by this broker.")
                    : topic?.Partition(index) is { } partition ? Append(partition, records, request.Version)
                    : new AppendResult(unknown, -1, -1, null);
                WritePartition(request.Version, answer, index, result, topic?.Partition(index)?.StartOffset ?? -1);
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Int32(0); // throttle time
        answer.Tags();
        answer.IsSent = acks != 0;
    }

    private AppendResult Append(PartitionLog partition, Span<byte> records, short version)
    {
        LogConfig config = partition.Config;
        if (Validate(records, config, version) is { } refused)
        {
            return refused;
        }

        try
        {
            return partition.Append(records, config);
        }
        catch (IOException e)
        {
            return AppendResult.Refused(ErrorCode.KafkaStorageError, $"The broker could not write to its data folder: {e.Message}");
        }
    }

    /// <summary>Everything that Kafka refuses a batch for, as far as it can be told without opening a compressed one.</summary>
    private AppendResult? Validate(Span<byte> records, LogConfig config, short version)
    {
        if (records.IsEmpty)
        {
            return AppendResult.Refused(ErrorCode.InvalidRecord, "The request holds no record batch.");
        }

        if (records.Length > config.SegmentBytes)
        {
            return AppendResult.Refused(ErrorCode.RecordListTooLarge, $"The batches have {records.Length} bytes, a segment {config.SegmentBytes} (segment.bytes).");
        }

        int count = 0;
        long latest = config.LogAppendTime ? long.MaxValue : (time.GetUtcNow() + _clockTolerance).ToUnixTimeMilliseconds();
        for (Span<byte> left = records; !left.IsEmpty; count++)
        {
            if (left.Length < RecordBatch.HeaderSize)
            {
                return AppendResult.Refused(ErrorCode.CorruptMessage, "A record batch is cut.");
            }

            var batch = new RecordBatch(left);
            if (batch.Magic != 2)
            {
                return AppendResult.Refused(ErrorCode.InvalidRecord, $"Record batches have magic 2, not {batch.Magic}.");
            }

            if (batch.Size < RecordBatch.HeaderSize || batch.Size > left.Length)
            {
                return AppendResult.Refused(ErrorCode.CorruptMessage, "A record batch has another length than its header says.");
            }

            if (batch.Size > config.MaxMessageBytes)
            {
                return AppendResult.Refused(ErrorCode.MessageTooLarge, $"The record batch has {batch.Size} bytes, more than max.message.bytes={config.MaxMessageBytes}.");
            }

            if (!batch.IsIntact)
            {
                return AppendResult.Refused(ErrorCode.CorruptMessage, "A record batch does not match its CRC.");
            }

            if (batch.Compression == 4 && version < FirstVersionWithZstd || batch.Compression > 4)
            {
                return AppendResult.Refused(ErrorCode.UnsupportedCompressionType, $"Compression {batch.Compression} can't be sent with Produce version {version}.");
            }

            if (batch.IsTransactional || batch.IsControl)
            {
                return AppendResult.Refused(ErrorCode.InvalidRequest, "Transactions are not served by this broker.");
            }

            if (batch.Count <= 0 || batch.LastOffsetDelta != batch.Count - 1 || (batch.Compression == 0 && !RecordTimes.AreWellFormed(batch)))
            {
                return AppendResult.Refused(ErrorCode.InvalidRecord, "The records of a batch are not what its header says.");
            }

            if (batch.MaxTimestamp > latest)
            {
                return AppendResult.Refused(ErrorCode.InvalidTimestamp, $"Timestamp {batch.MaxTimestamp} is more than an hour ahead of the broker's clock.");
            }

            if (batch.ProducerId >= 0 && (batch.ProducerEpoch < 0 || batch.BaseSequence < 0 || count > 0 || batch.Size != left.Length))
            {
                return AppendResult.Refused(ErrorCode.InvalidRecord, "An idempotent producer sends one batch with epoch and sequence for each partition.");
            }

            left = left[(int)batch.Size..];
        }

        return null;
    }

    private static void WritePartition(short version, ResponseWriter answer, int index, AppendResult result, long startOffset)
    {
        answer.Int32(index);
        answer.Error(result.Error);
        answer.Int64(result.BaseOffset);
        answer.Int64(result.AppendTime);
        if (version >= 5)
        {
            answer.Int64(result.Error == ErrorCode.None ? startOffset : -1);
        }

        if (version >= 8)
        {
            answer.Array(0); // errors of single records
            answer.String(result.Message);
        }

        answer.Tags();
    }
}
