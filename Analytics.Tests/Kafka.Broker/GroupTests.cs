using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Analytics.Tests.Kafka.Broker;

public sealed class GroupTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_consumers_share_the_partitions_and_take_over_from_one_that_leaves()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "shared", 6);
        using var group = new GroupOfConsumers(broker, "shared");
        group.Add("a");
        group.Add("b");
        group.Add("c");
        await group.Until(all => all.Count == 3 && all.Values.All(p => p.Length == 2) && all.Values.SelectMany(p => p).Distinct().Count() == 6);

        await group.RemoveAsync("b");
        await group.Until(all => all.Count == 2 && all.Values.All(p => p.Length == 3) && all.Values.SelectMany(p => p).Distinct().Count() == 6);
    }

    [Fact]
    public async Task A_group_goes_on_after_the_broker_was_killed_without_a_rebalance()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "lasting", 2);
        using var group = new GroupOfConsumers(broker, "lasting");
        group.Add("a");
        group.Add("b");
        await group.Until(all => all.Count == 2 && all.Values.All(p => p.Length == 1));
        var assignments = group.Assignments;

        await broker.RestartAsync();
        string[] values = [.. Enumerable.Range(0, 50).Select(i => $"after {i}")];
        await Clients.ProduceAsync(broker, "lasting", values);
        await group.UntilReceived(values.Length);
        Assert.Equal(assignments, group.Assignments);
    }

    [Fact]
    public async Task A_static_member_comes_back_to_its_partitions_without_a_rebalance()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "static", 2);
        using var group = new GroupOfConsumers(broker, "static");
        group.Add("a", instanceId: "instance-a");
        group.Add("b", instanceId: "instance-b");
        await group.Until(all => all.Count == 2 && all.Values.All(p => p.Length == 1));
        var before = group.PartitionsOf("a");
        var assignments = group.Assignments;

        await group.RemoveAsync("a");
        group.Add("a", instanceId: "instance-a");
        await group.Until(all => all.Count == 2 && all.Values.All(p => p.Length == 1));
        Assert.Equal(before, group.PartitionsOf("a"));
        Assert.Equal(assignments + 1, group.Assignments);
    }

    [Fact]
    public async Task A_committed_offset_is_where_the_next_consumer_starts_even_after_a_kill()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.ProduceAsync(broker, "committed", "one", "two", "three");
        using (var first = Clients.Consumer(broker, "readers"))
        {
            first.Subscribe("committed");
            Assert.Equal("one", first.Consume(Stop).Message.Value);
            first.Commit([new TopicPartitionOffset("committed", 0, 1)]);
            first.Close();
        }

        await broker.RestartAsync();
        using var second = Clients.Consumer(broker, "readers");
        second.Subscribe("committed");
        Assert.Equal("two", second.Consume(Stop).Message.Value);
        second.Close();
    }

    /// <summary>Consumers of one group, each polled by a task of its own.</summary>
    private sealed class GroupOfConsumers(BrokerProcess broker, string topic) : IDisposable
    {
        private readonly ConcurrentDictionary<string, int[]> _partitions = new();
        private readonly Dictionary<string, (Task Running, CancellationTokenSource Leave)> _running = [];
        private readonly SemaphoreSlim _changed = new(0);
        private int _assignments;
        private int _received;

        public int Assignments => Volatile.Read(ref _assignments);

        public int[] PartitionsOf(string name) => _partitions[name];

        public void Add(string name, string? instanceId = null)
        {
            var leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            _running[name] = (Task.Run(() => Run(name, instanceId, leave.Token), Stop), leave);
        }

        public async Task RemoveAsync(string name)
        {
            var (running, leave) = _running[name];
            await leave.CancelAsync();
            await running;
            leave.Dispose();
            _running.Remove(name);
        }

        public async Task Until(Func<IReadOnlyDictionary<string, int[]>, bool> condition)
        {
            while (!condition(_partitions))
            {
                await _changed.WaitAsync(Stop);
            }
        }

        public async Task UntilReceived(int count)
        {
            while (Volatile.Read(ref _received) < count)
            {
                await _changed.WaitAsync(Stop);
            }
        }

        private void Run(string name, string? instanceId, CancellationToken leave)
        {
            var config = Clients.ConsumerConfig(broker, "group of " + topic);
            config.GroupInstanceId = instanceId;
            using var consumer = new ConsumerBuilder<Ignore, string>(config)
                .SetLogHandler((_, _) => { })
                .SetPartitionsAssignedHandler((_, partitions) =>
                {
                    Interlocked.Increment(ref _assignments);
                    _partitions[name] = [.. partitions.Select(p => p.Partition.Value).Order()];
                    _changed.Release();
                })
                .SetPartitionsRevokedHandler((_, _) => _partitions[name] = [])
                .Build();
            consumer.Subscribe(topic);
            try
            {
                while (true)
                {
                    consumer.Consume(leave);
                    Interlocked.Increment(ref _received);
                    _changed.Release();
                }
            }
            catch (OperationCanceledException)
            {
                consumer.Close();
                _partitions.TryRemove(name, out _);
                _changed.Release();
            }
        }

        public void Dispose()
        {
            foreach (var (running, leave) in _running.Values)
            {
                leave.Cancel();
                running.Wait(TimeSpan.FromSeconds(30));
                leave.Dispose();
            }

            _changed.Dispose();
        }
    }
}
