namespace Ingest.Worker.Consume;

/// <summary>Tells on the console how far a worker that is behind has come, and warns when it falls back.</summary>
internal sealed partial class LagWatch(TopicReader reader, IngestOptions options, TimeProvider time, ILogger<LagWatch> logger) : BackgroundService
{
    /// <summary>Fewer records are written within a second: nobody needs to be told of them.</summary>
    private const long Many = 10_000;

    private const int GrowthsToWarn = 6;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        var (before, growths) = (Progress.Of(reader), 0);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = Progress.Of(reader);
            growths = now.Partitions == before.Partitions && now.Lag > before.Lag ? growths + 1 : 0;
            if (now.Lag >= Many && now.Partitions == before.Partitions)
            {
                var rate = (now.Committed - before.Committed) / Period.TotalSeconds;
                if (growths >= GrowthsToWarn)
                {
                    LogFallsBack(options.Topic, now.Lag, growths * Period.TotalSeconds, rate);
                }
                else
                {
                    LogCatchesUp(options.Topic, now.Lag, rate, rate > 0 ? $"about {now.Lag / rate:0} s" : "at a standstill");
                }
            }

            before = now;
        }
    }

    [LoggerMessage(EventId = 70, Level = LogLevel.Information, Message = "Catching up with {Topic}: {Lag} records are left, {Rate:0} a second, {Left}.")]
    private partial void LogCatchesUp(string topic, long lag, double rate, string left);

    [LoggerMessage(EventId = 71, Level = LogLevel.Warning,
        Message = "{Topic} grows faster than it is ingested: {Lag} records are left, more and more for {Seconds} s, at {Rate:0} a second. More workers "
            + "share the work.")]
    private partial void LogFallsBack(string topic, long lag, double seconds, double rate);

    /// <summary>How far this worker's partitions are.</summary>
    private readonly record struct Progress(int Partitions, long Committed, long Lag)
    {
        public static Progress Of(TopicReader reader)
        {
            var progress = default(Progress);
            foreach (var (partition, committed, lag) in reader.Lags())
            {
                progress = new Progress(HashCode.Combine(progress.Partitions, partition), progress.Committed + committed, progress.Lag + lag);
            }

            return progress;
        }
    }
}
