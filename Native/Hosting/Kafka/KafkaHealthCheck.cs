using System.Buffers.Binary;

namespace Native.Hosting;

/// <summary>Healthy when the broker answers the first question of every client: which versions of which requests it knows.</summary>
internal sealed class KafkaHealthCheck(NativeKafkaResource kafka) : LoopbackHealthCheck(kafka, "broker")
{
    // Kafka protocol guide, ApiVersions (key 18) version 0: request header version 1 (key, version, correlation id, client id), no body.
    private static readonly byte[] ApiVersionsRequest =
        [0, 0, 0, 16, 0, 18, 0, 0, 0, 0, 0, 1, 0, 6, .. "health"u8];

    protected override async Task<string?> WrongAnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(ApiVersionsRequest, cancellationToken);

        // The answer: its size, the correlation id, an error code, then the list.
        var head = new byte[10];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var error = BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(8));
        return BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) == 1 && error == 0 ? null : $"The broker answered with error code {error}.";
    }
}
