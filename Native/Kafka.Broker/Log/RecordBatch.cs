using System.Buffers.Binary;
using Kafka.Broker.Files;

namespace Kafka.Broker.Log;

/// <summary>
/// The header of one record batch, format v2 (magic 2), over its bytes. The CRC covers everything from the attributes on, so that a
/// broker may set base offset and leader epoch without touching it.
/// </summary>
internal readonly ref struct RecordBatch(Span<byte> bytes)
{
    public const int HeaderSize = 61;
    private const int LengthAt = 8;
    private const int LeaderEpochAt = 12;
    private const int MagicAt = 16;
    private const int CrcAt = 17;
    private const int AttributesAt = 21;
    private const int LastOffsetDeltaAt = 23;
    private const int BaseTimestampAt = 27;
    private const int MaxTimestampAt = 35;
    private const int ProducerIdAt = 43;
    private const int ProducerEpochAt = 51;
    private const int BaseSequenceAt = 53;
    private const int CountAt = 57;

    /// <summary>Base offset and length come before what the length counts.</summary>
    private const int LengthOverhead = 12;

    private readonly Span<byte> _bytes = bytes;

    public long BaseOffset
    {
        get => BinaryPrimitives.ReadInt64BigEndian(_bytes);
        set => BinaryPrimitives.WriteInt64BigEndian(_bytes, value);
    }

    /// <summary>The size of the whole batch in bytes, header included; a value below <see cref="HeaderSize"/> is no batch.</summary>
    public long Size => BinaryPrimitives.ReadInt32BigEndian(_bytes[LengthAt..]) + (long)LengthOverhead;

    public int LeaderEpoch
    {
        get => BinaryPrimitives.ReadInt32BigEndian(_bytes[LeaderEpochAt..]);
        set => BinaryPrimitives.WriteInt32BigEndian(_bytes[LeaderEpochAt..], value);
    }

    public byte Magic => _bytes[MagicAt];

    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(_bytes[CrcAt..]);

    public short Attributes => BinaryPrimitives.ReadInt16BigEndian(_bytes[AttributesAt..]);

    /// <summary>0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.</summary>
    public int Compression => Attributes & 0x07;

    public bool IsLogAppendTime => (Attributes & 0x08) != 0;

    public bool IsTransactional => (Attributes & 0x10) != 0;

    public bool IsControl => (Attributes & 0x20) != 0;

    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(_bytes[LastOffsetDeltaAt..]);

    public long LastOffset => BaseOffset + LastOffsetDelta;

    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[BaseTimestampAt..]);

    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[MaxTimestampAt..]);

    public long ProducerId => BinaryPrimitives.ReadInt64BigEndian(_bytes[ProducerIdAt..]);

    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_bytes[ProducerEpochAt..]);

    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(_bytes[BaseSequenceAt..]);

    public int Count => BinaryPrimitives.ReadInt32BigEndian(_bytes[CountAt..]);

    /// <summary>Sequence numbers wrap from 2^31-1 to 0.</summary>
    public int LastSequence => (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>The records after the header, as the producer compressed them.</summary>
    public ReadOnlySpan<byte> Records => _bytes[HeaderSize..(int)Size];

    /// <summary>Whether the CRC in the header is that of the bytes; needs the whole batch.</summary>
    public bool IsIntact => ComputeCrc() == Crc;

    /// <summary>Puts right what the header says of its records' times, which changes the CRC; Kafka's brokers do so too.</summary>
    public void StampMaxTimestamp(long timestamp)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes[MaxTimestampAt..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(_bytes[CrcAt..], ComputeCrc());
    }

    /// <summary>Stamps the batch with the broker's clock (message.timestamp.type=LogAppendTime), which changes its CRC.</summary>
    public void StampAppendTime(long now)
    {
        BinaryPrimitives.WriteInt16BigEndian(_bytes[AttributesAt..], (short)(Attributes | 0x08));
        BinaryPrimitives.WriteInt64BigEndian(_bytes[MaxTimestampAt..], now);
        BinaryPrimitives.WriteUInt32BigEndian(_bytes[CrcAt..], ComputeCrc());
    }

    private uint ComputeCrc() => Crc32C.Of(_bytes[AttributesAt..(int)Size]);
}
