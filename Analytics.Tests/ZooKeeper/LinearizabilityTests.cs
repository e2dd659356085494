using System.Diagnostics;
using System.Net;
using global::ZooKeeper.Server;
using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>
/// Concurrent clients on two nodes see one order: each of their operations can be put at one moment between its call and its answer, so
/// that all answers come out (Wing and Gong, "Testing and Verifying Concurrent Objects", 1993).
/// </summary>
public sealed class LinearizabilityTests
{
    private const int Histories = 150;
    private const int Clients = 4;
    private const int OperationsOfOne = 12;

    /// <summary>Two nodes, each with a value and a version, or missing (-1).</summary>
    private readonly record struct State(int FirstValue, int FirstVersion, int SecondValue, int SecondVersion)
    {
        public static State Empty { get; } = new(0, -1, 0, -1);

        public (int Value, int Version) this[int node] => node == 0 ? (FirstValue, FirstVersion) : (SecondValue, SecondVersion);

        public State With(int node, int value, int version) =>
            node == 0 ? this with { FirstValue = value, FirstVersion = version } : this with { SecondValue = value, SecondVersion = version };
    }

    private enum Kind
    {
        Get,
        Set,
        Create,
        Delete,
        SetBoth,
    }

    /// <summary>An operation with its answer: an error, or a value and version.</summary>
    private sealed record Operation(Kind Kind, int Node, int Value, int Expected, long Called)
    {
        public long Answered { get; set; }

        public string Answer { get; set; } = "";

        /// <summary>What it would answer on a state, and the state after it.</summary>
        public (string Answer, State After) On(State state)
        {
            var (value, version) = state[Node];
            var error = version < 0 ? NoNode : Expected >= 0 && Expected != version ? BadVersion : 0;
            return Kind switch
            {
                Kind.Create => version >= 0 ? ($"{NodeExists}", state) : ("0", state.With(Node, Value, 0)),
                _ when error != 0 && Kind != Kind.SetBoth => ($"{error}", state),
                Kind.Get => ($"{value}@{version}", state),
                Kind.Set => ($"@{version + 1}", state.With(Node, Value, version + 1)),
                Kind.Delete => ("0", state.With(Node, 0, -1)),
                _ => state.FirstVersion < 0 || state.SecondVersion < 0
                    ? ("none", state)
                    : ("both", state.With(0, Value, state.FirstVersion + 1).With(1, Value, state.SecondVersion + 1)),
            };
        }
    }

    [Fact]
    public async Task Histories_of_concurrent_clients_have_one_order()
    {
        var folder = Directory.CreateTempSubdirectory("zookeeper-");
        try
        {
            await using var server = await ZooKeeperServer.StartAsync(
                new() { DataFolder = folder.FullName, Listen = new(IPAddress.Loopback, 0) }, TestContext.Current.CancellationToken);
            var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RawClient.ConnectAsync(server.EndPoint.Port)));
            for (var history = 0; history < Histories; history++)
            {
                var nodes = (string[])[$"/{history}a", $"/{history}b"];
                var operations = (await Task.WhenAll(clients.Select((client, i) => RunAsync(client, nodes, new Random((history * Clients) + i))))).SelectMany(
                    o => o).ToArray();
                Assert.True(HasOrder(operations), $"history {history} has no order:\n{string.Join('\n', operations.OrderBy(o => o.Called))}");
            }

            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_history_without_an_order_is_seen()
    {
        Operation Get(int value, long called) => new(Kind.Get, 0, 0, -1, called) { Answered = called + 1, Answer = $"{value}@{value}" };
        Operation[] writes = [new(Kind.Create, 0, 0, -1, 0) { Answered = 1, Answer = "0" }, new(Kind.Set, 0, 1, -1, 2) { Answered = 9, Answer = "@1" }];
        Assert.True(HasOrder([.. writes, Get(0, 3), Get(1, 5)]));
        Assert.False(HasOrder([.. writes, Get(1, 3), Get(0, 5)])); // the old value after the new one
    }

    private static async Task<List<Operation>> RunAsync(RawClient client, string[] nodes, Random random)
    {
        var operations = new List<Operation>();
        for (var i = 0; i < OperationsOfOne; i++)
        {
            var kind = random.Next(10) switch { < 4 => Kind.Get, < 6 => Kind.Set, 6 or 7 => Kind.Create, 8 => Kind.Delete, _ => Kind.SetBoth };
            var expected = random.Next(3) == 0 && kind is Kind.Set or Kind.Delete ? random.Next(3) : -1;
            var operation = new Operation(kind, random.Next(2), random.Next(1000), expected, Stopwatch.GetTimestamp());
            operation.Answer = await AnswerAsync(client, nodes, operation);
            operation.Answered = Stopwatch.GetTimestamp();
            operations.Add(operation);
        }

        return operations;
    }

    private static async Task<string> AnswerAsync(RawClient client, string[] nodes, Operation operation)
    {
        var node = nodes[operation.Node];
        switch (operation.Kind)
        {
            case Kind.Get:
                var (missing, data, stat) = await client.GetAsync(node);
                return missing == 0 ? $"{data}@{stat!.Version}" : $"{missing}";
            case Kind.Set:
                var (refused, changed) = await client.SetAsync(node, $"{operation.Value}", operation.Expected);
                return refused == 0 ? $"@{changed!.Version}" : $"{refused}";
            case Kind.Create:
                return $"{(await client.CreateAsync(node, $"{operation.Value}")).Error}";
            case Kind.Delete:
                return $"{await client.DeleteAsync(node, operation.Expected)}";
            default:
                var (_, results) = await client.MultiAsync(SetPart(nodes[0], $"{operation.Value}"), SetPart(nodes[1], $"{operation.Value}"));
                return results[0].StartsWith("set", StringComparison.Ordinal) ? "both" : "none";
        }
    }

    /// <summary>Depth first over what may come next: an operation that was called before every other one that is left was answered.</summary>
    private static bool HasOrder(Operation[] operations)
    {
        Assert.InRange(operations.Length, 0, 64);
        var (seen, all) = (new HashSet<(ulong, State)>(), operations.Length == 64 ? ulong.MaxValue : (1UL << operations.Length) - 1);
        return Search(0, State.Empty);

        bool Search(ulong done, State state)
        {
            if (done == all)
            {
                return true;
            }

            if (!seen.Add((done, state)))
            {
                return false;
            }

            var firstAnswer = long.MaxValue;
            for (var i = 0; i < operations.Length; i++)
            {
                firstAnswer = (done & (1UL << i)) == 0 ? Math.Min(firstAnswer, operations[i].Answered) : firstAnswer;
            }

            for (var i = 0; i < operations.Length; i++)
            {
                if ((done & (1UL << i)) == 0 && operations[i].Called <= firstAnswer)
                {
                    var (answer, after) = operations[i].On(state);
                    if (answer == operations[i].Answer && Search(done | (1UL << i), after))
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }
}
