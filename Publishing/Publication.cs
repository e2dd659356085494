using Confluent.Kafka;

namespace Publishing;

/// <summary>
/// Sends messages of one file or one request to Kafka, a bounded number ahead of what it has acknowledged, and knows when all are.
/// Used by one caller at a time.
/// </summary>
/// <param name="producer">The connection.</param>
/// <param name="topic">Where the messages go.</param>
public sealed class Publication(EventProducer producer, string topic) : IDisposable
{
    private const int MostUnderWay = 10_000;

    private readonly SemaphoreSlim _room = new(MostUnderWay);
    private readonly SendSpans _spans = new(topic, TimeProvider.System);
    private long _acknowledged;
    private Error? _failure;

    /// <summary>Messages that Kafka has acknowledged so far.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Why a message was not acknowledged; null while all were.</summary>
    public Error? Failure => Volatile.Read(ref _failure);

    /// <summary>Hands a message to the producer, waiting while too many are under way; once one has failed, does nothing.</summary>
    /// <param name="key">The attempt's id in UTF-8; null for what is no event.</param>
    /// <param name="value">The event's bytes, which from here on are the producer's.</param>
    /// <param name="headers">What else is to be said of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask SendAsync(byte[]? key, byte[] value, Headers headers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (_spans.Next() is { } traceParent)
        {
            headers.Add(EventHeaders.TraceParent, traceParent);
        }

        var message = new Message<byte[]?, byte[]> { Key = key, Value = value, Headers = headers };
        await _room.WaitAsync(cancellationToken);
        while (Failure is null)
        {
            if (TryProduce(message))
            {
                return;
            }

            // Others fill the producer's queue too: one of our own deliveries, or a moment, makes room.
            if (await _room.WaitAsync(TimeSpan.FromMilliseconds(50), cancellationToken))
            {
                _room.Release();
            }
        }

        _room.Release();
    }

    /// <summary>Waits until Kafka has answered for every message.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < MostUnderWay; i++)
        {
            await _room.WaitAsync(cancellationToken);
        }

        _room.Release(MostUnderWay);
        _spans.Dispose();
    }

    /// <summary>Ends the span in hand. Deliveries may still be reported after that.</summary>
    public void Dispose() => _spans.Dispose();

    /// <summary>Hands a message to the producer; false if its queue is full, or if it takes no more.</summary>
    private bool TryProduce(Message<byte[]?, byte[]> message)
    {
        var connection = producer.Current;
        try
        {
            connection.Produce(topic, message, report => Delivered(connection, report));
            return true;
        }
        catch (KafkaException full) when (full.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
        catch (KafkaException broken) when (EventProducer.IsLast(broken.Error))
        {
            producer.Replace(connection);
            return false;
        }
        catch (KafkaException refused)
        {
            Volatile.Write(ref _failure, refused.Error);
            return false;
        }
    }

    private void Delivered(IProducer<byte[]?, byte[]> connection, DeliveryReport<byte[]?, byte[]> report)
    {
        if (report.Error.IsError)
        {
            Volatile.Write(ref _failure, report.Error);
            if (EventProducer.IsLast(report.Error))
            {
                producer.Replace(connection);
            }
        }
        else
        {
            Interlocked.Increment(ref _acknowledged);
        }

        _room.Release();
    }
}
