using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>DescribeCluster, key 60, versions 0 to 2: this one broker. Controllers (endpoint type 2) have no address of their own here.</summary>
internal sealed class DescribeCluster(Broker broker) : ImmediateApi(60, 0, 2, flexibleFrom: 0)
{
    private const sbyte Brokers = 1;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        reader.Bool(); // authorized operations: there is no authorizer
        var endpoints = request.Version >= 1 ? reader.Int8() : Brokers;
        var served = endpoints == Brokers;

        answer.Int32(0); // throttle time
        answer.Error(served ? ErrorCode.None : ErrorCode.InvalidRequest);
        answer.String(served ? null : "This broker has no separate controllers.");
        if (request.Version >= 1)
        {
            answer.Int8(endpoints);
        }

        answer.String(broker.Folder.ClusterId);
        answer.Int32(broker.NodeId);
        answer.Array(served ? 1 : 0);
        if (served)
        {
            answer.Int32(broker.NodeId);
            answer.String(broker.Host);
            answer.Int32(broker.Port);
            answer.String(null); // rack
            if (request.Version >= 2)
            {
                answer.Bool(false); // fenced
            }

            answer.Tags();
        }

        answer.Int32(int.MinValue); // cluster operations
        answer.Tags();
    }
}
