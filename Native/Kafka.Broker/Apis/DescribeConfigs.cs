using Kafka.Broker.Protocol;
using Kafka.Broker.Server;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>DescribeConfigs, key 32, versions 1 to 4, of topics (type 2) and of this broker (type 4): what is honoured, and where it comes from.</summary>
internal sealed class DescribeConfigs(Server.Broker broker) : ImmediateApi(32, 1, 4, flexibleFrom: 4)
{
    public const sbyte TopicResource = 2;
    public const sbyte BrokerResource = 4;

    // Kafka's DescribeConfigsResponse.ConfigSource and ConfigType.
    private const int FromTopic = 1;
    private const int FromBroker = 4;
    private const int FromDefault = 5;
    private const int StringType = 2;
    private const int LongType = 5;

    private readonly record struct Setting(string Name, string Value, int Source, bool IsReadOnly, bool IsNumber);

    public static int SourceOf(Topic topic, string setting, BrokerOptions options)
    {
        (_, string? brokerProperty, _) = Array.Find(TopicSettings.All, s => s.Name == setting);
        return topic.Settings.ContainsKey(setting) ? FromTopic : brokerProperty is not null && options.IsSet(brokerProperty) ? FromBroker : FromDefault;
    }

    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        answer.Int32(0); // throttle time
        int count = reader.ArrayLength();
        answer.Array(count);
        var asked = new List<(sbyte Type, string Name, HashSet<string>? Keys)>();
        for (int i = 0; i < count; i++)
        {
            sbyte type = reader.Int8();
            string name = reader.String();
            int keys = reader.ArrayLength();
            HashSet<string>? wanted = keys < 0 ? null : new HashSet<string>(StringComparer.Ordinal);
            for (int k = 0; k < keys; k++)
            {
                wanted!.Add(reader.String());
            }

            reader.Tags();
            asked.Add((type, name, wanted));
        }

        bool withSynonyms = reader.Bool();
        foreach ((sbyte type, string name, HashSet<string>? keys) in asked)
        {
            (ErrorCode error, string? message, IEnumerable<Setting> settings) = Describe(type, name);
            answer.Error(error);
            answer.String(message);
            answer.Int8(type);
            answer.String(name);
            Setting[] chosen = [.. settings.Where(s => keys is null || keys.Contains(s.Name))];
            answer.Array(chosen.Length);
            foreach (Setting setting in chosen)
            {
                Write(request.Version, answer, setting, withSynonyms);
            }

            answer.Tags();
        }

        answer.Tags();
    }

    private (ErrorCode Error, string? Message, IEnumerable<Setting> Settings) Describe(sbyte type, string name) => type switch
    {
        TopicResource when broker.Topics.Find(name) is { } topic => (ErrorCode.None, null, TopicSettings.All.Select(s => new Setting(
            s.Name,
            topic.Settings.GetValueOrDefault(s.Name) ?? TopicSettings.DefaultOf(s.Name, broker.Options),
            SourceOf(topic, s.Name, broker.Options),
            IsReadOnly: false,
            s.Rule.IsNumber))),
        TopicResource => (ErrorCode.UnknownTopicOrPartition, null, []),
        BrokerResource when name.Length == 0 => (ErrorCode.None, null, []), // no cluster-wide defaults can be set
        BrokerResource when name == broker.Options.Value("node.id") => (ErrorCode.None, null, BrokerOptions.Properties.Select(p => new Setting(
            p.Name,
            broker.Options.Value(p.Name),
            broker.Options.IsSet(p.Name) ? FromBroker : FromDefault,
            IsReadOnly: true,
            p.IsNumber))),
        _ => (ErrorCode.InvalidRequest, $"This broker has settings of topics and of broker {broker.NodeId} only.", []),
    };

    private static void Write(short version, ResponseWriter answer, Setting setting, bool withSynonyms)
    {
        answer.String(setting.Name);
        answer.String(setting.Value);
        answer.Bool(setting.IsReadOnly);
        answer.Int8(setting.Source);
        answer.Bool(false); // sensitive
        answer.Array(withSynonyms ? 1 : 0);
        if (withSynonyms)
        {
            answer.String(setting.Name);
            answer.String(setting.Value);
            answer.Int8(setting.Source);
            answer.Tags();
        }

        if (version >= 3)
        {
            answer.Int8(setting.IsNumber ? LongType : StringType);
            answer.String(null); // documentation
        }

        answer.Tags();
    }
}
