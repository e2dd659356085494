using System.Buffers;

namespace Data.Generator;

/// <summary>What load to make.</summary>
public sealed record LoadOptions
{
    /// <summary>Distinct attempts; at least 0.</summary>
    public required long Attempts { get; init; }

    /// <summary>The share of attempts whose event comes a second time; 0 to 1.</summary>
    public double Redelivered { get; init; } = 0.01;

    /// <summary>The share of attempts that a newer event replaces; 0 to 1.</summary>
    public double Replaced { get; init; } = 0.01;

    /// <summary>Among how many users the attempts are spread; 0 leaves users out.</summary>
    public int Users { get; init; }

    /// <summary>Another seed gives other attempts; the exams stay the same.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>In which order the attempts come.</summary>
    public LoadOrder Order { get; init; } = LoadOrder.ByDay;
}

/// <summary>In which order attempts come.</summary>
public enum LoadOrder
{
    /// <summary>Day after day, as life brings them; within a day at random.</summary>
    ByDay,

    /// <summary>Any day after any other.</summary>
    Random,
}

/// <summary>What load was made.</summary>
/// <param name="Events">Messages written: attempts, redeliveries and replacing events together.</param>
/// <param name="Attempts">Distinct attempts.</param>
/// <param name="Redeliveries">Messages that repeat an earlier one byte for byte.</param>
/// <param name="Replaced">Attempts with a second, newer event.</param>
/// <param name="Bytes">Bytes written.</param>
public readonly record struct LoadCounts(long Events, long Attempts, long Redeliveries, long Replaced, long Bytes);

/// <summary>
/// Writes any number of events, one a line, in constant memory: the data set's exams, scores and hours over the year 2018. What belongs to attempt number n
/// follows from seed and n alone. Redelivered and replacing events come within the next <see cref="Window"/> attempts.
/// </summary>
public static class LoadGenerator
{
    /// <summary>How many attempts later a redelivered or replacing event comes at most.</summary>
    public const int Window = 1000;

    /// <summary>2018-01-29, the day after the data set's last, in milliseconds since the Unix epoch.</summary>
    private const long FirstDay = 1_517_184_000_000;

    private const int Days = 337;
    private const int MillisecondsPerDay = 86_400_000;

    /// <summary>Writes the events.</summary>
    /// <param name="output">Where to; left open.</param>
    /// <param name="options">How many and which.</param>
    /// <param name="cancellationToken">Stops between two events.</param>
    public static LoadCounts Write(Stream output, LoadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Attempts, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Users, nameof(options));
        ThrowIfNoShare(options.Redelivered);
        ThrowIfNoShare(options.Replaced);
        return new Run(output, options).Write(cancellationToken);
    }

    private static void ThrowIfNoShare(double share)
    {
        if (share is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is a number from 0 to 1.");
        }
    }

    private sealed class Run(Stream output, LoadOptions options)
    {
        private readonly EventWriter _writer = new(options.Seed);
        private readonly Answers _answers = new();

        // Copies that wait for their turn, by the attempt after which they come.
        private readonly PriorityQueue<(byte[] Bytes, int Length, bool IsReplacing), long> _waiting = new();
        private long _events;
        private long _redeliveries;
        private long _replaced;
        private long _bytes;

        public LoadCounts Write(CancellationToken cancellationToken)
        {
            for (long i = 0; i < options.Attempts; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteAttempt(i);
                WriteWaiting(until: i);
            }

            WriteWaiting(until: long.MaxValue);
            return new LoadCounts(_events, options.Attempts, _redeliveries, _replaced, _bytes);
        }

        private void WriteAttempt(long number)
        {
            var random = Random64.For(options.Seed, (ulong)number);
            var plan = AttemptPlan.Attempts[random.Below(AttemptPlan.Attempts.Count)];
            var day = FirstDay + MillisecondsPerDay
                * (options.Order == LoadOrder.ByDay ? (long)((double)number / options.Attempts * Days) : random.Below(Days));
            var questions = plan.Exam.Questions.Length;
            var duration = questions == 0 ? 0 : TimePlan.DrawDuration(ref random, questions);
            var envelope = new Envelope
            {
                EventNumber = 2 * number,
                AttemptNumber = number,
                UserNumber = options.Users > 0 ? random.Below(options.Users) : -1,
                StartedAt = day + TimePlan.DrawHour(ref random) * 3_600_000L + random.Below(3_600_000),
                Layout = random.Chance(0.3) ? random.Next() | 1 : 0,
            };
            envelope.KeenTimestamp = DataSet.KeenTimestamp(ref random, envelope.StartedAt + duration);
            var isRedelivered = random.Chance(options.Redelivered);
            var isReplaced = random.Chance(options.Replaced);

            _answers.Draw(ref random, plan.Exam, plan.Score, duration);
            var bytes = _writer.Write(envelope, _answers);
            Put(bytes);
            if (isRedelivered)
            {
                Wait(bytes, number + 1 + random.Below(Window), isReplacing: false);
            }

            if (isReplaced)
            {
                // The same attempt, answered on: at least as many right answers, and recorded later.
                var score = plan.Score + (questions > plan.Score ? random.Below(questions - plan.Score + 1) : 0);
                _answers.Draw(ref random, plan.Exam, score, duration);
                envelope.EventNumber++;
                envelope.KeenTimestamp += TimeSpan.TicksPerSecond + random.Below(600) * TimeSpan.TicksPerSecond;
                Wait(_writer.Write(envelope, _answers), number + 1 + random.Below(Window), isReplacing: true);
            }
        }

        private void Wait(ReadOnlySpan<byte> bytes, long due, bool isReplacing)
        {
            var copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
            bytes.CopyTo(copy);
            _waiting.Enqueue((copy, bytes.Length, isReplacing), due);
        }

        private void WriteWaiting(long until)
        {
            while (_waiting.TryPeek(out var copy, out var due) && due <= until)
            {
                _waiting.Dequeue();
                Put(copy.Bytes.AsSpan(0, copy.Length));
                ArrayPool<byte>.Shared.Return(copy.Bytes);
                _redeliveries += copy.IsReplacing ? 0 : 1;
                _replaced += copy.IsReplacing ? 1 : 0;
            }
        }

        private void Put(ReadOnlySpan<byte> bytes)
        {
            output.Write(bytes);
            output.WriteByte((byte)'\n');
            _events++;
            _bytes += bytes.Length + 1;
        }
    }
}
