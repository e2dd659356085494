using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>DescribeConfigs, key 32, versions 1 to 4, of topics (type 2) and of this broker (type 4): what is honoured, and where it comes from.</summary>
internal sealed class DescribeConfigs(Broker broker) : ImmediateApi(32, 1, 4, flexibleFrom: 4)
{
    public const sbyte TopicResource = 2;
    public const sbyte BrokerResource = 4;

    // Kafka's DescribeConfigsResponse.ConfigSource and ConfigType.
    private const int FromTopic = 1;
    private const int FromBroker = 4;
    private const int FromDefault = 5;

    private readonly record struct Described(Setting Setting, string Value, int Source, bool IsReadOnly);

    public static int SourceOf(Topic topic, string setting, BrokerOptions options) =>
        topic.Settings.ContainsKey(setting) ? FromTopic : TopicSettings.IsDefaultSet(setting, options) ? FromBroker : FromDefault;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        answer.Int32(0); // throttle time
        var count = reader.ArrayLength();
        answer.Array(count);
        var asked = new List<(sbyte Type, string Name, HashSet<string>? Keys)>();
        for (var i = 0; i < count; i++)
        {
            var type = reader.Int8();
            var name = reader.String();
            var keys = reader.ArrayLength();
            var wanted = keys < 0 ? null : new HashSet<string>(StringComparer.Ordinal);
            for (var k = 0; k < keys; k++)
            {
                wanted!.Add(reader.String());
            }

            reader.Tags();
            asked.Add((type, name, wanted));
        }

        var withSynonyms = reader.Bool();
        foreach (var (type, name, keys) in asked)
        {
            var (error, message, settings) = Describe(type, name);
            answer.Error(error);
            answer.String(message);
            answer.Int8(type);
            answer.String(name);
            Described[] chosen = [.. settings.Where(s => keys is null || keys.Contains(s.Setting.Name))];
            answer.Array(chosen.Length);
            foreach (var setting in chosen)
            {
                Write(request.Version, answer, setting, withSynonyms);
            }

            answer.Tags();
        }

        answer.Tags();
    }

    private (ErrorCode Error, string? Message, IEnumerable<Described> Settings) Describe(sbyte type, string name) => type switch
    {
        TopicResource when broker.Topics.Find(name) is { } topic => (ErrorCode.None, null, TopicSettings.All.Select(s => new Described(
            s,
            topic.Settings.GetValueOrDefault(s.Name) ?? TopicSettings.DefaultOf(s.Name, broker.Options),
            SourceOf(topic, s.Name, broker.Options),
            IsReadOnly: false))),
        TopicResource => (ErrorCode.UnknownTopicOrPartition, null, []),
        BrokerResource when name.Length == 0 => (ErrorCode.None, null, []), // no cluster-wide defaults can be set
        BrokerResource when name == broker.Options.Value("node.id") => (ErrorCode.None, null, BrokerOptions.Properties.Select(p => new Described(
            p,
            broker.Options.Value(p.Name),
            broker.Options.IsSet(p.Name) ? FromBroker : FromDefault,
            IsReadOnly: true))),
        _ => (ErrorCode.InvalidRequest, $"This broker has settings of topics and of broker {broker.NodeId} only.", []),
    };

    private static void Write(short version, ResponseWriter answer, Described described, bool withSynonyms)
    {
        answer.String(described.Setting.Name);
        answer.String(described.Value);
        answer.Bool(described.IsReadOnly);
        answer.Int8(described.Source);
        answer.Bool(false); // sensitive
        answer.Array(withSynonyms ? 1 : 0);
        if (withSynonyms)
        {
            answer.String(described.Setting.Name);
            answer.String(described.Value);
            answer.Int8(described.Source);
            answer.Tags();
        }

        if (version >= 3)
        {
            answer.Int8((int)described.Setting.Type);
            answer.String(null); // documentation
        }

        answer.Tags();
    }
}
