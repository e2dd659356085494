using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// FindCoordinator, key 10, versions 0 to 6 (several keys from 4 on): this broker for every group. Transactions (type 1) and share
/// groups (type 2) have no coordinator here, and the error is one that ends a client's search with the message shown: for librdkafka,
/// which asks by versions up to 3, TRANSACTIONAL_ID_AUTHORIZATION_FAILED; for Apache's clients INVALID_REQUEST.
/// </summary>
internal sealed class FindCoordinator(Broker broker) : ImmediateApi(10, 0, 6, flexibleFrom: 3)
{
    private const sbyte Group = 0;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var single = request.Version <= 3 ? reader.String() : "";
        var type = request.Version >= 1 ? reader.Int8() : Group;
        var error = type == Group ? ErrorCode.None : request.Version <= 3 ? ErrorCode.TransactionalIdAuthorizationFailed : ErrorCode.InvalidRequest;
        var message = type == Group ? null : "This broker coordinates consumer groups only; it does not serve transactions or share groups.";
        if (request.Version >= 1)
        {
            answer.Int32(0); // throttle time
        }

        if (request.Version <= 3)
        {
            error = single.Length == 0 ? ErrorCode.InvalidGroupId : error;
            answer.Error(error);
            if (request.Version >= 1)
            {
                answer.String(message);
            }

            WriteNode(answer, error);
            answer.Tags();
            return;
        }

        var keys = reader.ArrayLength();
        answer.Array(keys);
        for (var i = 0; i < keys; i++)
        {
            answer.String(reader.String());
            WriteNode(answer, error);
            answer.Error(error);
            answer.String(message);
            answer.Tags();
        }

        answer.Tags();
    }

    private void WriteNode(ResponseWriter answer, ErrorCode error)
    {
        var isKnown = error == ErrorCode.None;
        answer.Int32(isKnown ? broker.NodeId : -1);
        answer.String(isKnown ? broker.Host : "");
        answer.Int32(isKnown ? broker.Port : -1);
    }
}
