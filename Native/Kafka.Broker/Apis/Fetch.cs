using System.Diagnostics;
using Kafka.Broker.Files;
using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// Fetch, key 1, versions 4 to 18 (topic ids from 13 on). Waits until min bytes are there or max wait is over. Records leave as they
/// lie in the segment file, the last batch possibly cut. Sessions (KIP-227) are refused by session id 0: a client then names all its
/// partitions each time. Everything is committed, so the last stable offset is the high watermark.
/// </summary>
internal sealed class Fetch(Broker broker, TimeProvider time) : Api(1, 4, 18, flexibleFrom: 12)
{
    /// <summary>What one answer may carry whatever the client asks for; keeps the frame's length within its 31 bits.</summary>
    private const int MaxAnswer = 256 * 1024 * 1024;

    /// <summary>A client that is gone without a word is noticed when its wait is over, so that is never long.</summary>
    private const int LongestWaitMs = 60_000;

    private sealed record Asked(Guid Id, string Name, Topic? Topic, List<AskedPartition> Partitions);

    private readonly record struct AskedPartition(int Index, PartitionLog? Log, int LeaderEpoch, int FetchedEpoch, long Offset, int MaxBytes);

    private sealed record Demand(int MaxWaitMs, int MinBytes, int MaxBytes, int SessionId, List<Asked> Topics);

    public override async ValueTask AnswerAsync(Request request, ResponseWriter answer, CancellationToken stop)
    {
        var demand = Parse(request);
        if (demand.SessionId != 0)
        {
            WriteHead(request, answer, ErrorCode.FetchSessionIdNotFound, 0);
            answer.Tags();
            return;
        }

        var (found, enough) = Collect(demand);
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
        var started = time.GetTimestamp();
        try
        {
            foreach (var log in logs)
            {
                log.AddWait(wait);
            }

            while (true)
            {
                var woken = wait.Next();
                Release(found);
                (found, var enough) = Collect(demand);
                var left = TimeSpan.FromMilliseconds(demand.MaxWaitMs) - time.GetElapsedTime(started);
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
            foreach (var log in logs)
            {
                log.RemoveWait(wait);
            }
        }
    }

    /// <summary>Reads every partition once; enough is what ends the wait: the minimum, or an error that the client must hear of.</summary>
    private static (ReadResult[] Found, bool Enough) Collect(Demand demand)
    {
        var found = new ReadResult[demand.Topics.Sum(t => t.Partitions.Count)];
        var at = 0;
        long total = 0;
        var hasError = false;
        foreach (var topic in demand.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var limit = (int)Math.Min(partition.MaxBytes, Math.Max(0, demand.MaxBytes - total));
                var result = Refuse(topic, partition) ?? partition.Log!.Read(partition.Offset, limit, wholeFirstBatch: total == 0);
                total += result.Slice.Length;
                hasError |= result.Error != ErrorCode.None || result.Diverging is not null;
                found[at++] = result;
            }
        }

        return (found, hasError || total >= demand.MinBytes);
    }

    /// <summary>Null if the partition may be read: it is there, and the client is of its leader epoch and has its history.</summary>
    private static ReadResult? Refuse(Asked topic, AskedPartition partition)
    {
        if (partition.Log is not { } log)
        {
            return Refused(topic.Id != Guid.Empty && topic.Topic is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
        }

        if (log.CheckLeaderEpoch(partition.LeaderEpoch) is not ErrorCode.None and var wrongEpoch)
        {
            return Refused(wrongEpoch);
        }

        if (partition.FetchedEpoch < 0)
        {
            return null;
        }

        var (epoch, endOffset) = log.EndOfLeaderEpoch(partition.FetchedEpoch);
        return epoch < 0 ? Refused(ErrorCode.OffsetOutOfRange)
            : epoch < partition.FetchedEpoch || endOffset < partition.Offset
                ? new ReadResult(ErrorCode.None, FileSlice.Empty) { Diverging = (epoch, endOffset) }
            : null;

        static ReadResult Refused(ErrorCode error) => new(error, FileSlice.Empty);
    }

    private static void Release(ReadResult[] found)
    {
        foreach (var result in found)
        {
            result.Slice.Release();
        }
    }

    private Demand Parse(Request request)
    {
        var version = request.Version;
        var reader = request.Read();
        if (version <= 14)
        {
            reader.Int32(); // replica id: there are no other replicas
        }

        var maxWait = Math.Min(reader.Int32(), LongestWaitMs);
        var minBytes = reader.Int32();
        var maxBytes = Math.Clamp(reader.Int32(), 0, MaxAnswer);
        reader.Int8(); // isolation level
        var sessionId = version >= 7 ? reader.Int32() : 0;
        if (version >= 7)
        {
            reader.Int32(); // session epoch
        }

        var topics = new List<Asked>();
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            var id = version >= 13 ? reader.Uuid() : Guid.Empty;
            var name = version >= 13 ? "" : reader.String();
            var topic = version >= 13 ? broker.Topics.Find(id) : broker.Topics.Find(name);
            var partitions = new List<AskedPartition>();
            for (var left = reader.ArrayLength(); left > 0; left--)
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
        var index = reader.Int32();
        var leaderEpoch = version >= 9 ? reader.Int32() : -1;
        var offset = reader.Int64();
        var fetchedEpoch = version >= 12 ? reader.Int32() : -1;

        if (version >= 5)
        {
            reader.Int64(); // the follower's log start
        }

        var maxBytes = Math.Max(0, reader.Int32());
        reader.Tags();
        return new AskedPartition(index, topic?.Partition(index), leaderEpoch, fetchedEpoch, offset, maxBytes);
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
        var at = 0;
        foreach (var topic in demand.Topics)
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
            foreach (var partition in topic.Partitions)
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
        var isKnown = result.Error is ErrorCode.None;
        var end = isKnown ? partition.Log!.EndOffset : -1;
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
        if (result.Diverging is var (epoch, endOffset))
        {
            WriteDiverging(answer, epoch, endOffset);
        }
        else
        {
            answer.Tags();
        }
    }

    /// <summary>The tagged field DivergingEpoch (KIP-595): where the client's log and this one part.</summary>
    private static void WriteDiverging(ResponseWriter answer, int epoch, long endOffset)
    {
        answer.UnsignedVarint(1); // one tagged field
        answer.UnsignedVarint(0); // its number
        answer.UnsignedVarint(sizeof(int) + sizeof(long) + 1);
        answer.Int32(epoch);
        answer.Int64(endOffset);
        answer.Tags();
    }
}
