using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>DeleteTopics, key 20, versions 1 to 6 (by id from 6 on). The files and the groups' offsets of the topic go at once.</summary>
internal sealed class DeleteTopics(Server.Broker broker) : ImmediateApi(20, 1, 6, flexibleFrom: 4)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        answer.Int32(0); // throttle time
        int count = reader.ArrayLength();
        answer.Array(count);
        for (int i = 0; i < count; i++)
        {
            string? name;
            Guid id = Guid.Empty;
            if (request.Version >= 6)
            {
                name = reader.NullableString();
                id = reader.Uuid();
                reader.Tags();
            }
            else
            {
                name = reader.String();
            }

            Topic? topic = name is not null ? broker.Topics.Find(name) : broker.Topics.Find(id);
            bool isDeleted = topic is not null && broker.Topics.Delete(topic);
            if (isDeleted)
            {
                broker.Groups.ForgetTopic(topic!.Name);
            }

            answer.String(topic?.Name ?? name);
            if (request.Version >= 6)
            {
                answer.Uuid(topic?.Id ?? id);
            }

            answer.Error(isDeleted ? ErrorCode.None : name is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
            if (request.Version >= 5)
            {
                answer.String(isDeleted ? null : "This server does not host this topic-partition.");
            }

            answer.Tags();
        }

        answer.Tags();
    }
}
