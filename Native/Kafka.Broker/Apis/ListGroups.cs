using Kafka.Broker.Groups;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>ListGroups, key 16, versions 0 to 5; filtered by state from 4 on, by type from 5 on, all groups being classic ones.</summary>
internal sealed class ListGroups(Broker broker) : ImmediateApi(16, 0, 5, flexibleFrom: 3)
{
    private const string ClassicType = "classic";

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var states = request.Version >= 4 ? ReadNames(ref reader) : [];
        var types = request.Version >= 5 ? ReadNames(ref reader) : [];
        var chosen = new List<(string Id, string ProtocolType, GroupState State)>();
        broker.Groups.Read(null, group =>
        {
            if ((states.Count == 0 || states.Contains(group.State.ToString(), StringComparer.OrdinalIgnoreCase))
                && (types.Count == 0 || types.Contains(ClassicType, StringComparer.OrdinalIgnoreCase)))
            {
                chosen.Add((group.Id, group.ProtocolType, group.State));
            }
        });

        if (request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        answer.Error(ErrorCode.None);
        answer.Array(chosen.Count);
        foreach (var (id, protocolType, state) in chosen)
        {
            answer.String(id);
            answer.String(protocolType);
            if (request.Version >= 4)
            {
                answer.String(state.ToString());
            }

            if (request.Version >= 5)
            {
                answer.String(ClassicType);
            }

            answer.Tags();
        }

        answer.Tags();
    }

    private static List<string> ReadNames(ref RequestReader reader)
    {
        var names = new List<string>();
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            names.Add(reader.String());
        }

        return names;
    }
}
