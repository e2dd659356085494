using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Analytics.Api.Database;
using Assessments;
using Npgsql;
using OpenTelemetry;

namespace Analytics.Api.Live;

/// <summary>
/// Tells every listener what there is after each commit of ingest: one connection hears PostgreSQL's notifications, one query answers for all,
/// and a slow listener gets the latest state in place of those it missed. Without listeners nothing is asked.
/// </summary>
internal sealed partial class LiveFeed(NpgsqlDataSource database, TimeProvider time, IHostApplicationLifetime application, ILogger<LiveFeed> logger)
    : BackgroundService
{
    private const string Sql = """
        select coalesce(sum(messages), 0)::bigint messages, coalesce(sum(redeliveries), 0)::bigint redeliveries, coalesce(sum(attempts), 0)::bigint attempts,
          (coalesce(sum(unnamed_attempts), 0) + coalesce((select users from course_user_totals where course_id = 0), 0))::bigint students,
          (select coalesce(sum(dead_letters), 0)::bigint from ingest_partitions) dead_letters
        from exam_totals
        """;

    private const string NewestSql = """
        select user_exam_id, name, slug, started_at, (correct * 100::numeric / nullif(total, 0))::float8 score
        from (select * from attempts order by attempt_id desc limit 10) newest
          join exams using (exam_id) join courses using (course_id)
        order by attempt_id desc
        """;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Channel<SseItem<string>>, bool> _listeners = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile State? _latest;
    private long _heard;

    /// <summary>The state now, and again after each commit, until the listener leaves or the service stops.</summary>
    public async IAsyncEnumerable<SseItem<string>> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<SseItem<string>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        _listeners[channel] = true;
        await using var stopping = application.ApplicationStopping.Register(() => channel.Writer.TryComplete());
        try
        {
            if (_latest is { } latest && latest.Heard == Interlocked.Read(ref _heard))
            {
                yield return Update(latest.Json);
            }
            else
            {
                _news.Writer.TryWrite(true);
            }

            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            _listeners.TryRemove(channel, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Queries on nobody's behalf would only fill the traces.
        using var quiet = SuppressInstrumentationScope.Begin();
        await Task.WhenAll(HearAsync(stoppingToken), TellAsync(stoppingToken), PingAsync(stoppingToken));
    }

    private async Task HearAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, _) => HasNews();
                await using (var listen = new NpgsqlCommand($"listen {DatabaseSchema.ChangesChannel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(cancellationToken);
                }

                // Whatever was committed while nobody heard is news too.
                HasNews();
                while (true)
                {
                    await connection.WaitAsync(cancellationToken);
                }
            }
            catch (NpgsqlException exception)
            {
                LogDeaf(logger, exception.Message);
                Interlocked.Increment(ref _heard); // Nothing is heard now, so nothing is known to be the latest.
                await Task.Delay(RetryAfter, time, cancellationToken);
            }
        }
    }

    private void HasNews()
    {
        Interlocked.Increment(ref _heard);
        _news.Writer.TryWrite(true);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _news.Reader.ReadAllAsync(cancellationToken))
        {
            if (_listeners.IsEmpty)
            {
                continue;
            }

            try
            {
                // What is heard while it is read may not be in it.
                var heard = Interlocked.Read(ref _heard);
                var update = await ReadAsync(cancellationToken);
                _latest = new State(heard, update);
                Tell(Update(update));
                await Task.Delay(ShortestPause, time, cancellationToken);
            }
            catch (NpgsqlException exception)
            {
                LogDeaf(logger, exception.Message);
                await Task.Delay(RetryAfter, time, cancellationToken);
                _news.Writer.TryWrite(true);
            }
        }
    }

    // A write is what finds out that a listener's line is dead.
    private async Task PingAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PingEvery, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var channel in _listeners.Keys.Where(channel => channel.Reader.Count == 0))
            {
                channel.Writer.TryWrite(new SseItem<string>("", "ping"));
            }
        }
    }

    private void Tell(SseItem<string> item)
    {
        foreach (var channel in _listeners.Keys)
        {
            channel.Writer.TryWrite(item);
        }
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(NewestSql));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var newest = new List<LiveAttempt>();
        var update = new LiveUpdate(
            reader.Get<long>("messages"), reader.Get<long>("redeliveries"), reader.Get<long>("attempts"), reader.Get<long>("students"),
            reader.Get<long>("dead_letters"), newest);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            newest.Add(new LiveAttempt(
                reader.Get<string>("user_exam_id"), reader.Get<string>("name"), reader.Get<string>("slug"),
                reader.Get<DateTimeOffset?>("started_at"), reader.Get<double?>("score")));
        }

        return JsonSerializer.Serialize(update, AnalyticsJson.Readable.LiveUpdate);
    }

    private static SseItem<string> Update(string json) => new(json, "update") { ReconnectionInterval = RetryAfter };

    /// <summary>The figures, and how much had been heard when they were asked for.</summary>
    private sealed record State(long Heard, string Json);

    [LoggerMessage(300, LogLevel.Warning, "Live figures wait for the database: {Reason}")]
    private static partial void LogDeaf(ILogger logger, string reason);
}
