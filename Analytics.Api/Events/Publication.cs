using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;
using OpenTelemetry;

namespace Analytics.Api.Events;

/// <summary>
/// Sends the events of one request to Kafka, a bounded number at a time, and knows when all are acknowledged.
/// The key is the attempt's id, so that one attempt's events stay in order.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Deliveries may be reported after the request was given up, and the semaphore holds only memory.")]
internal sealed class Publication(IProducer<string, byte[]> producer, string topic, IHostApplicationLifetime application)
{
    private const int Window = 1000;

    // A span for each event of a large body would drown the trace; the later ones still carry the request's context.
    private const int TracedEvents = 100;

    private readonly SemaphoreSlim _room = new(Window);
    private long _sent;
    private long _acknowledged;
    private Error? _failure;

    /// <summary>Events that Kafka has acknowledged so far.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Why an event was not acknowledged; null while all were.</summary>
    public Error? Failure => Volatile.Read(ref _failure);

    /// <summary>Hands an event to the producer; waits while too many are under way.</summary>
    public async Task SendAsync(string key, byte[] value, Headers? headers, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        using var quiet = ++_sent > TracedEvents ? SuppressInstrumentationScope.Begin() : null;
        var message = new Message<string, byte[]> { Key = key, Value = value, Headers = headers };
        for (var sent = false; !sent;)
        {
            try
            {
                producer.Produce(topic, message, OnDelivered);
                sent = true;
            }
            catch (ProduceException<string, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                // Other requests fill the producer's queue: one of our own deliveries, or a moment, makes room.
                if (await _room.WaitAsync(TimeSpan.FromMilliseconds(50), cancellationToken))
                {
                    _room.Release();
                }
            }
            catch (KafkaException refused)
            {
                Fail(refused.Error);
                _room.Release();
                return;
            }
        }
    }

    /// <summary>Waits until Kafka has answered for every event sent.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Window; i++)
        {
            await _room.WaitAsync(cancellationToken);
        }
    }

    private void OnDelivered(DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError)
        {
            Fail(report.Error);
        }
        else
        {
            Interlocked.Increment(ref _acknowledged);
        }

        _room.Release();
    }

    private void Fail(Error error)
    {
        Volatile.Write(ref _failure, error);
        if (error.IsFatal)
        {
            // An idempotent producer never works again after a fatal error: a new process has a new one.
            Environment.ExitCode = 1;
            application.StopApplication();
        }
    }
}
