using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// ApiVersions, key 18, versions 0 to 4. Says exactly what is served. A version it does not know is answered in version 0 with
/// UNSUPPORTED_VERSION and the same list, so that a newer client can come down (KIP-511).
/// </summary>
internal sealed class ApiVersions(IReadOnlyList<Api> others) : ImmediateApi(18, 0, 4, flexibleFrom: 3)
{
    public override bool HasFlexibleResponseHeader => false;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var known = request.Version >= Min && request.Version <= Max;
        answer.Error(known ? ErrorCode.None : ErrorCode.UnsupportedVersion);
        Api[] apis = [.. others.Append(this).OrderBy(a => a.Key)];
        answer.Array(apis.Length);
        foreach (var api in apis)
        {
            answer.Int16(api.Key);
            answer.Int16(api.AdvertisedMin);
            answer.Int16(api.Max);
            answer.Tags();
        }

        if (known && request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        answer.Tags();
    }
}
