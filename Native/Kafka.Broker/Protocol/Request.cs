namespace Kafka.Broker.Protocol;

/// <summary>One request as it came over a connection, its header taken apart; the body is still bytes, valid until it is answered.</summary>
internal sealed record Request(short ApiKey, short Version, int CorrelationId, string ClientId, string ClientHost, Memory<byte> Body, bool Flexible)
{
    /// <summary>Reads the body; it may be written to, since the frame belongs to this request alone.</summary>
    public RequestReader Read() => new(Body.Span, Flexible);
}
