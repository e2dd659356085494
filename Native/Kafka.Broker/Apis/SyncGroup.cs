using Kafka.Broker.Groups;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>SyncGroup, key 14, versions 0 to 5. The leader brings the assignment; the others wait for it.</summary>
internal sealed class SyncGroup(Broker broker) : Api(14, 0, 5, flexibleFrom: 4)
{
    public override async ValueTask AnswerAsync(Request request, ResponseWriter answer, CancellationToken stop)
    {
        var synced = await Sync(request).WaitAsync(stop);
        if (request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        answer.Error(synced.Error);
        if (request.Version >= 5)
        {
            answer.String(synced.ProtocolType);
            answer.String(synced.Protocol);
        }

        answer.Bytes(synced.Assignment);
        answer.Tags();
    }

    private Task<SyncAnswer> Sync(Request request)
    {
        var reader = request.Read();
        var group = reader.String();
        var generation = reader.Int32();
        var member = reader.String();
        var instance = request.Version >= 3 ? reader.NullableString() : null;
        var type = request.Version >= 5 ? reader.NullableString() : null;
        var protocol = request.Version >= 5 ? reader.NullableString() : null;
        var assignments = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            assignments[reader.String()] = reader.Bytes().ToArray();
            reader.Tags();
        }

        return broker.Groups.Sync(group, member, instance, generation, type, protocol, assignments);
    }
}
