using System.Buffers.Binary;

namespace Kafka.Broker.Protocol;

/// <summary>The APIs by key, and the request header that names one of them.</summary>
internal sealed class ApiTable(IEnumerable<Api> apis)
{
    private const short ApiVersionsKey = 18;

    private readonly Dictionary<short, Api> _apis = apis.ToDictionary(a => a.Key);

    /// <exception cref="MalformedRequestException">Nothing that this broker serves; Kafka, too, answers that by closing the connection.</exception>
    public (Api Api, Request Request) Parse(Memory<byte> frame, string clientHost)
    {
        var key = BinaryPrimitives.ReadInt16BigEndian(frame.Span);
        var version = BinaryPrimitives.ReadInt16BigEndian(frame.Span[2..]);
        var correlation = BinaryPrimitives.ReadInt32BigEndian(frame.Span[4..]);
        if (!_apis.TryGetValue(key, out var api))
        {
            throw new MalformedRequestException($"it asks for an API with key {key}, which this broker does not have");
        }

        if (version < api.AdvertisedMin || version > api.Max)
        {
            return key == ApiVersionsKey
                ? (api, new Request(key, version, correlation, "", clientHost, default, Flexible: false))
                : throw new MalformedRequestException($"it asks for version {version} of the API with key {key}, which is served from {api.Min} to {api.Max}");
        }

        var flexible = api.IsFlexible(version);
        var header = new RequestReader(frame.Span[8..], flexible: false);
        var clientId = header.NullableString() ?? "";
        var body = frame.Length - header.Remaining;
        if (flexible)
        {
            var tags = new RequestReader(frame.Span[body..], flexible: true);
            tags.Tags();
            body = frame.Length - tags.Remaining;
        }

        return (api, new Request(key, version, correlation, clientId, clientHost, frame[body..], flexible));
    }
}
