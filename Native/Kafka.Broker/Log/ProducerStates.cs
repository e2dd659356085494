using System.Buffers.Binary;
using Kafka.Broker.Files;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Log;

/// <summary>What is known of one idempotent producer in one partition.</summary>
internal sealed class ProducerState
{
    /// <summary>Kafka promises to recognise a resend of any of the last five batches, as many as a producer has in flight.</summary>
    private const int Remembered = 5;

    private readonly Queue<(int FirstSequence, int LastSequence, long BaseOffset)> _batches = new(Remembered);

    public short Epoch { get; private set; } = -1;

    public int LastSequence { get; private set; } = -1;

    public long LastOffset { get; private set; } = -1;

    public int LastOffsetDelta { get; private set; }

    /// <summary>Of the last batch, milliseconds since 1970.</summary>
    public long Timestamp { get; private set; } = -1;

    /// <summary>Whether later batches of it may have been acknowledged and lost: it wrote nothing since an unclean stop.</summary>
    public bool IsUncertain { get; set; }

    public void Add(short epoch, int firstSequence, int lastSequence, long baseOffset, int lastOffsetDelta, long timestamp)
    {
        if (epoch != Epoch)
        {
            _batches.Clear();
        }
        else if (_batches.Count == Remembered)
        {
            _batches.Dequeue();
        }

        IsUncertain = false;
        _batches.Enqueue((firstSequence, lastSequence, baseOffset));
        (Epoch, LastSequence, LastOffset, LastOffsetDelta, Timestamp) = (epoch, lastSequence, baseOffset + lastOffsetDelta, lastOffsetDelta, timestamp);
    }

    /// <summary>The base offset that a resent batch was given the first time; null for a new one.</summary>
    public long? FindDuplicate(short epoch, int firstSequence, int lastSequence)
    {
        if (epoch == Epoch)
        {
            foreach (var (first, last, baseOffset) in _batches)
            {
                if (first == firstSequence && last == lastSequence)
                {
                    return baseOffset;
                }
            }
        }

        return null;
    }
}

/// <summary>
/// The idempotent producers of one partition (KIP-98): epochs and sequence numbers, so that a resend is written once and a gap is
/// refused. Kept in Kafka's `.snapshot` files and, past the newest one, rebuilt from the batch headers of the log.
/// </summary>
internal sealed class ProducerStates
{
    private const short SnapshotVersion = 1;
    private const int HeaderSize = 2 + 4 + 4;
    private const int EntrySize = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

    private readonly Dictionary<long, ProducerState> _producers = [];

    public IReadOnlyDictionary<long, ProducerState> All => _producers;

    /// <summary>
    /// Whether a batch may be appended; for a resend, the offset it already has. A gap is OUT_OF_ORDER_SEQUENCE_NUMBER, as Kafka has it,
    /// but UNKNOWN_PRODUCER_ID where it is the broker that may have lost what is missing: the first says that the producer is at fault,
    /// and librdkafka ends it for good; after the second a producer takes a new id and goes on (KIP-360).
    /// </summary>
    public (ErrorCode Error, long? DuplicateOf) Check(RecordBatch batch)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out var known))
        {
            return (ErrorCode.None, null);
        }

        if (batch.ProducerEpoch < known.Epoch)
        {
            return (ErrorCode.InvalidProducerEpoch, null);
        }

        if (known.FindDuplicate(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence) is { } offset)
        {
            return (ErrorCode.None, offset);
        }

        var isNewEpoch = batch.ProducerEpoch > known.Epoch;
        var expected = isNewEpoch || known.LastSequence == int.MaxValue ? 0 : known.LastSequence + 1;
        return batch.BaseSequence == expected ? (ErrorCode.None, null)
            : known.IsUncertain && !isNewEpoch && batch.BaseSequence > expected ? (ErrorCode.UnknownProducerId, null)
            : (ErrorCode.OutOfOrderSequenceNumber, null);
    }

    /// <summary>The broker starts after an unclean stop: what is known of the producers is what the log has left.</summary>
    public void MarkUncertain()
    {
        foreach (var state in _producers.Values)
        {
            state.IsUncertain = true;
        }
    }

    public void Add(RecordBatch batch)
    {
        if (batch.ProducerId < 0 || batch.IsControl)
        {
            return;
        }

        if (!_producers.TryGetValue(batch.ProducerId, out var state))
        {
            _producers.Add(batch.ProducerId, state = new ProducerState());
        }

        state.Add(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence, batch.BaseOffset, batch.LastOffsetDelta, batch.MaxTimestamp);
    }

    /// <summary>Forgets producers that wrote nothing since the given time, so that their number stays bounded.</summary>
    public void Expire(long before)
    {
        foreach (var (id, state) in _producers)
        {
            if (state.Timestamp < before)
            {
                _producers.Remove(id);
            }
        }
    }

    /// <summary>Kafka's snapshot: version, CRC-32C of what follows, and the last batch of each producer.</summary>
    public byte[] ToSnapshot()
    {
        var snapshot = new byte[HeaderSize + (_producers.Count * EntrySize)];
        BinaryPrimitives.WriteInt16BigEndian(snapshot, SnapshotVersion);
        BinaryPrimitives.WriteInt32BigEndian(snapshot.AsSpan(6), _producers.Count);
        var entry = snapshot.AsSpan(HeaderSize);
        foreach (var (id, state) in _producers)
        {
            BinaryPrimitives.WriteInt64BigEndian(entry, id);
            BinaryPrimitives.WriteInt16BigEndian(entry[8..], state.Epoch);
            BinaryPrimitives.WriteInt32BigEndian(entry[10..], state.LastSequence);
            BinaryPrimitives.WriteInt64BigEndian(entry[14..], state.LastOffset);
            BinaryPrimitives.WriteInt32BigEndian(entry[22..], state.LastOffsetDelta);
            BinaryPrimitives.WriteInt64BigEndian(entry[26..], state.Timestamp);
            BinaryPrimitives.WriteInt32BigEndian(entry[34..], -1); // no coordinator epoch: no transactions
            BinaryPrimitives.WriteInt64BigEndian(entry[38..], -1); // no open transaction
            entry = entry[EntrySize..];
        }

        BinaryPrimitives.WriteUInt32BigEndian(snapshot.AsSpan(2), Crc32C.Of(snapshot.AsSpan(6)));
        return snapshot;
    }

    /// <summary>False if the bytes are no intact snapshot; nothing is loaded then.</summary>
    public bool TryLoad(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.Length < HeaderSize
            || BinaryPrimitives.ReadInt16BigEndian(snapshot) != SnapshotVersion
            || BinaryPrimitives.ReadUInt32BigEndian(snapshot[2..]) != Crc32C.Of(snapshot[6..])
            || BinaryPrimitives.ReadInt32BigEndian(snapshot[6..]) * (long)EntrySize != snapshot.Length - HeaderSize)
        {
            return false;
        }

        for (var entry = snapshot[HeaderSize..]; entry.Length > 0; entry = entry[EntrySize..])
        {
            var lastSequence = BinaryPrimitives.ReadInt32BigEndian(entry[10..]);
            var lastOffset = BinaryPrimitives.ReadInt64BigEndian(entry[14..]);
            var delta = BinaryPrimitives.ReadInt32BigEndian(entry[22..]);
            var state = new ProducerState();
            state.Add(
                BinaryPrimitives.ReadInt16BigEndian(entry[8..]),
                (int)(((long)lastSequence - delta) & int.MaxValue),
                lastSequence,
                lastOffset - delta,
                delta,
                BinaryPrimitives.ReadInt64BigEndian(entry[26..]));
            _producers[BinaryPrimitives.ReadInt64BigEndian(entry)] = state;
        }

        return true;
    }
}
