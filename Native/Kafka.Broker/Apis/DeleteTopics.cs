using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DeleteTopics, key 20, versions 1 to 6 (by id from 6 on). The files and the groups' offsets of the topic go at once.</summary>
internal sealed class DeleteTopics(Broker broker) : ImmediateApi(20, 1, 6, flexibleFrom: 4)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        answer.Int32(0); // throttle time
        var count = reader.ArrayLength();
        answer.Array(count);
        for (var i = 0; i < count; i++)
        {
            string? name;
            var id = Guid.Empty;
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

            var topic = name is not null ? broker.Topics.Find(name) : broker.Topics.Find(id);
            var error = topic is not null ? broker.Topics.Delete(topic) : name is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
            if (error == ErrorCode.None)
            {
                broker.Groups.ForgetTopic(topic!.Name);
            }

            answer.String(topic?.Name ?? name);
            if (request.Version >= 6)
            {
                answer.Uuid(topic?.Id ?? id);
            }

            answer.Error(error);
            if (request.Version >= 5)
            {
                answer.String(error switch
                {
                    ErrorCode.None => null,
                    ErrorCode.KafkaStorageError => "The broker can't write to its data folder.",
                    _ => "This server does not host this topic-partition.",
                });
            }

            answer.Tags();
        }

        answer.Tags();
    }
}
