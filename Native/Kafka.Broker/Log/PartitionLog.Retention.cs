namespace Kafka.Broker.Log;

internal sealed partial class PartitionLog
{
    /// <summary>Makes everything before the offset unreadable (DeleteRecords); whole segments before it go at the next sweep.</summary>
    public bool DeleteBefore(long offset)
    {
        lock (_lock)
        {
            if (offset > _endOffset)
            {
                return false;
            }

            MoveStartTo(offset);
            return true;
        }
    }

    private void MoveStartTo(long offset)
    {
        if (offset > _startOffset)
        {
            Volatile.Write(ref _startOffset, offset);
            if (_epochs.TruncateBefore(offset))
            {
                _epochs.Save(isDurable: false);
            }
        }
    }

    /// <summary>Deletes the segments that retention.ms, retention.bytes or a deletion of records leave no reason to keep.</summary>
    public void ApplyRetention()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            var config = Config;
            var now = _resources.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var excess = !config.IsDeleted || config.RetentionBytes < 0 ? -1 : SizeInBytes - config.RetentionBytes;
            while (_segments[0].Size > 0)
            {
                var oldest = _segments[0];
                var isOld = config.IsDeleted && config.RetentionMs >= 0 && oldest.MaxTimestamp >= 0 && now - oldest.MaxTimestamp > config.RetentionMs;
                var isTooMuch = excess >= oldest.Size;
                var isDeleted = (_segments.Length > 1 ? _segments[1].BaseOffset : _endOffset) <= _startOffset;
                if (!isOld && !isTooMuch && !isDeleted)
                {
                    break;
                }

                if (_segments.Length == 1)
                {
                    Roll(oldest);
                }

                excess -= oldest.Size;
                MoveStartTo(_segments[1].BaseOffset);
                Volatile.Write(ref _segments, _segments[1..]);
                oldest.Delete();
            }
        }
    }

    public void ExpireProducers(long before)
    {
        lock (_lock)
        {
            _producers.Expire(before);
        }
    }
}
