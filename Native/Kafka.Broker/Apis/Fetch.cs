using System.Diagnostics;
using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// Fetch, key 1, versions 4 to 18 (topic ids from 13 on). Waits until min bytes are there or max wait is over. Records leave as they
/// lie in the segment file, the last batch possibly cut. Sessions (KIP-227) are refused by session id 0: a client then names all its
/// partitions each time. Everything is committed, so the last stable offset is the high watermark.
/// </summary>
internal sealed class Fetch(Server.Broker broker, TimeProvider time) : Api(1, 4, 18, flexibleFrom: 12)
{
    /// <summary>What one answer may carry whatever the client asks for; keeps the frame's length within its 31 bits.</summary>
    private const int MaxAnswer = 256 * 1024 * 1024;

    /// <summary>A client that is gone without a word is noticed when its wait is over, so that is never long.</summary>
    private const int LongestWaitMs = 60_000;

    private sealed record Asked(Guid Id, string Name, Topic? Topic, List<AskedPartition> Partitions);

    private readonly record struct AskedPartition(int Index, PartitionLog? Log, int LeaderEpoch, long Offset, int MaxBytes);

    private sealed record Demand(int MaxWaitMs, int MinBytes, int MaxBytes, int SessionId, List<Asked> Topics);

    public override async ValueTask AnswerAsync(Request request, ResponseWriter answer, CancellationToken stop)
    {
        Demand demand = Parse(request);
        if (demand.SessionId != 0)
        {
            WriteHead(request, answer, ErrorCode.FetchSessionIdNotFound, 0);
            answer.Tags();
            return;
        }

        (ReadResult[] found, bool enough) = Collect(demand);
        if (!enough && demand.MaxWaitMs > 0)
        {
            found = await WaitAsync(demand, found, stop);
        }

        Write(request, answer, demand, found);
    }

    private async ValueTask<ReadResult[]> WaitAsync(Demand demand, ReadResult[] found, CancellationToken stop)
    {
        var wait = new FetchWait();
        PartitionLog[] logs = [.. demand.Topics.SelectMany(t => t.Partitions).Select(p => p.Log).OfType<PartitionLog>()];
        long started = time.GetTimestamp();
        try
        {
            foreach (PartitionLog log in logs)
            {
                log.AddWait(wait);
            }

            while (true)
            {
                Task woken = wait.Next();
                Release(found);
                (found, bool enough) = Collect(demand);
                TimeSpan left = TimeSpan.FromMilliseconds(demand.MaxWaitMs) - time.GetElapsedTime(started);
                if (enough || left <= TimeSpan.Zero)
                {
                    return found;
                }

                await woken.WaitAsync(left, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested)
                {
                    Release(found);
                    stop.ThrowIfCancellationRequested();
                }
            }
        }
        finally
        {
            foreach (PartitionLog log in logs)
            {
                log.RemoveWait(wait);
            }
        }
    }

    /// <summary>Reads every partition once; enough is what ends the wait: the minimum, or an error that the client must hear of.</summary>
    private static (ReadResult[] Found, bool Enough) Collect(Demand demand)
    {
        var found = new ReadResult[demand.Topics.Sum(t => t.Partitions.Count)];
        int at = 0;
        long total = 0;
        bool hasError = false;
        foreach (Asked topic in demand.Topics)
        {
            foreach (AskedPartition partition in topic.Partitions)
            {
                int limit = (int)Math.Min(partition.MaxBytes, Math.Max(0, demand.MaxBytes - total));
                ReadResult result = Refuse(topic, partition) is { } error
                    ? new ReadResult(error, FileSlice.Empty)
                    : partition.Log!.Read(partition.Offset, limit, wholeFirstBatch: total == 0);
                total += result.Slice.Length;
                hasError |= result.Error != ErrorCode.None;
                found[at++] = result;
            }
        }

        return (found, hasError || total >= demand.MinBytes);
    }

    private static ErrorCode? Refuse(Asked topic, AskedPartition partition) =>
        partition.Log is null ? topic.Id != Guid.Empty && topic.Topic is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition
        : partition.LeaderEpoch > PartitionLog.LeaderEpoch ? ErrorCode.UnknownLeaderEpoch
        : null;

    private static void Release(ReadResult[] found)
    {
        foreach (ReadResult result in found)
        {
            result.Slice.Release();
        }
    }

    private Demand Parse(Request request)
    {
        short version = request.Version;
        RequestReader reader = request.Read();
        if (version <= 14)
        {
            reader.Int32(); // replica id: there are no other replicas
        }

        int maxWait = Math.Min(reader.Int32(), LongestWaitMs);
        int minBytes = reader.Int32();
        int maxBytes = Math.Clamp(reader.Int32(), 0, MaxAnswer);
        reader.Int8(); // isolation level
        int sessionId = version >= 7 ? reader.Int32() : 0;
        if (version >= 7)
        {
            reader.Int32(); // session epoch
        }

        var topics = new List<Asked>();
        for (int count = reader.ArrayLength(); count > 0; count--)
        {
            Guid id = version >= 13 ? reader.Uuid() : Guid.Empty;
            string name = version >= 13 ? "" : reader.String();
            Topic? topic = version >= 13 ? broker.Topics.Find(id) : broker.Topics.Find(name);
            var partitions = new List<AskedPartition>();
            for (int left = reader.ArrayLength(); left > 0; left--)
            {
                partitions.Add(ParsePartition(version, ref reader, topic));
            }

            reader.Tags();
            topics.Add(new Asked(id, name, topic, partitions));
        }

        return new Demand(maxWait, minBytes, maxBytes, sessionId, topics);
    }

    private static AskedPartition ParsePartition(short version, ref RequestReader reader, Topic? topic)
    {
        int index = reader.Int32();
        int leaderEpoch = version >= 9 ? reader.Int32() : -1;
        long offset = reader.Int64();
        if (version >= 12)
        {
            reader.Int32(); // last fetched epoch: logs of one leader never diverge
        }

        if (version >= 5)
        {
            reader.Int64(); // the follower's log start
        }

        int maxBytes = Math.Max(0, reader.Int32());
        reader.Tags();
        return new AskedPartition(index, topic?.Partition(index), leaderEpoch, offset, maxBytes);
    }

    private static void WriteHead(Request request, ResponseWriter answer, ErrorCode error, int topics)
    {
        answer.Int32(0); // throttle time
        if (request.Version >= 7)
        {
            answer.Error(error);
            answer.Int32(0); // no session
        }

        answer.Array(topics);
    }

    private static void Write(Request request, ResponseWriter answer, Demand demand, ReadResult[] found)
    {
        WriteHead(request, answer, ErrorCode.None, demand.Topics.Count);
        int at = 0;
        foreach (Asked topic in demand.Topics)
        {
            if (request.Version >= 13)
            {
                answer.Uuid(topic.Id);
            }
            else
            {
                answer.String(topic.Name);
            }

            answer.Array(topic.Partitions.Count);
            foreach (AskedPartition partition in topic.Partitions)
            {
                WritePartition(request, answer, partition, found[at++]);
            }

            answer.Tags();
        }

        answer.Tags();
        Debug.Assert(at == found.Length, "one result for each partition");
    }

    private static void WritePartition(Request request, ResponseWriter answer, AskedPartition partition, ReadResult result)
    {
        bool isKnown = result.Error is ErrorCode.None;
        long end = isKnown ? partition.Log!.EndOffset : -1;
        answer.Int32(partition.Index);
        answer.Error(result.Error);
        answer.Int64(end);
        answer.Int64(end); // last stable offset
        if (request.Version >= 5)
        {
            answer.Int64(isKnown ? partition.Log!.StartOffset : -1);
        }

        answer.Array(isKnown ? -1 : 0); // aborted transactions
        if (request.Version >= 11)
        {
            answer.Int32(-1); // preferred read replica
        }

        answer.Records(result.Slice);
        answer.Tags();
    }
}
