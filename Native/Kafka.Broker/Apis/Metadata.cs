using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// Metadata, key 3, versions 0 to 13. One broker that leads every partition. A topic asked for by name is made where client and
/// broker (auto.create.topics.enable) allow it; one asked for by id (10 on) never is. Version 0 asks for all topics by an empty list.
/// </summary>
internal sealed class Metadata(Broker broker) : ImmediateApi(3, 0, 13, flexibleFrom: 9)
{
    private readonly record struct Asked(Guid Id, string? Name);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var count = reader.ArrayLength();
        var asked = new List<Asked>();
        for (var i = 0; i < count; i++)
        {
            asked.Add(new Asked(request.Version >= 10 ? reader.Uuid() : Guid.Empty, request.Version >= 10 ? reader.NullableString() : reader.String()));
            reader.Tags();
        }

        var all = count < 0 || (count == 0 && request.Version == 0);
        var mayCreate = request.Version < 4 || reader.Bool();

        WriteBrokers(request, answer);
        Topic[] topics = all ? [.. broker.Topics.All] : [];
        answer.Array(all ? topics.Length : asked.Count);
        foreach (var topic in topics)
        {
            WriteTopic(request, answer, new Asked(topic.Id, topic.Name), topic, ErrorCode.None);
        }

        foreach (var one in asked)
        {
            var (topic, error) = one.Name is { } name
                ? broker.Topics.FindOrCreate(name, mayCreate)
                : (broker.Topics.Find(one.Id), broker.Topics.Find(one.Id) is null ? ErrorCode.UnknownTopicId : ErrorCode.None);
            WriteTopic(request, answer, one, topic, error);
        }

        if (request.Version is >= 8 and <= 10)
        {
            answer.Int32(int.MinValue); // cluster operations: there is no authorizer
        }

        if (request.Version >= 13)
        {
            answer.Error(ErrorCode.None);
        }

        answer.Tags();
    }

    private void WriteBrokers(Request request, ResponseWriter answer)
    {
        if (request.Version >= 3)
        {
            answer.Int32(0); // throttle time
        }

        answer.Array(1);
        answer.Int32(broker.NodeId);
        answer.String(broker.Host);
        answer.Int32(broker.Port);
        if (request.Version >= 1)
        {
            answer.String(null); // rack
        }

        answer.Tags();
        if (request.Version >= 2)
        {
            answer.String(broker.Folder.ClusterId);
        }

        if (request.Version >= 1)
        {
            answer.Int32(broker.NodeId); // controller
        }
    }

    private void WriteTopic(Request request, ResponseWriter answer, Asked asked, Topic? topic, ErrorCode error)
    {
        answer.Error(error);
        answer.String(topic?.Name ?? (request.Version >= 12 ? asked.Name : asked.Name ?? ""));
        if (request.Version >= 10)
        {
            answer.Uuid(topic?.Id ?? asked.Id);
        }

        if (request.Version >= 1)
        {
            answer.Bool(false); // internal
        }

        answer.Array(topic?.Partitions.Length ?? 0);
        for (var i = 0; i < topic?.Partitions.Length; i++)
        {
            answer.Error(ErrorCode.None);
            answer.Int32(i);
            answer.Int32(broker.NodeId);
            if (request.Version >= 7)
            {
                answer.Int32(topic.Partitions[i].LeaderEpoch);
            }

            answer.Ints([broker.NodeId]);
            answer.Ints([broker.NodeId]);
            if (request.Version >= 5)
            {
                answer.Ints([]); // offline replicas
            }

            answer.Tags();
        }

        if (request.Version >= 8)
        {
            answer.Int32(int.MinValue); // topic operations
        }

        answer.Tags();
    }
}
