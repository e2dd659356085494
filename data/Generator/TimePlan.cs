namespace Data.Generator;

/// <summary>
/// When the attempts of the data set start and how long they take: the published period, hour of most starts and mean minutes to the last answer.
/// The mean holds both over messages and over attempts, since the reports do not say which they took.
/// </summary>
internal sealed class TimePlan
{
    private const int MillisecondsPerQuestion = 2000;

    /// <summary>Messages that start in each hour of the day (UTC); only the highest is published, the rest follows a day's work on two continents.</summary>
    private static readonly int[] MessagesByHour =
        [91, 83, 79, 77, 83, 92, 103, 113, 125, 137, 145, 152, 163, 187, 224, 208, 199, 191, 179, 167, 151, 129, 106, 96];

    private static readonly DateOnly FirstDay = Facts.Day("first_day");
    private static readonly DateOnly LastDay = Facts.Day("last_day");

    /// <summary>The real file was made at 12:10:51 UTC on its last day.</summary>
    private static readonly long End = Milliseconds(LastDay) + (long)new TimeSpan(12, 10, 0).TotalMilliseconds;

    private readonly IReadOnlyList<PlannedAttempt> _attempts;

    /// <summary>Draws the times.</summary>
    public TimePlan(IReadOnlyList<PlannedAttempt> attempts, ulong seed)
    {
        _attempts = attempts;
        var random = new Random64(seed);
        Durations = DrawDurations(ref random);
        Starts = DrawStarts(ref random, DrawHours(ref random));
    }

    /// <summary>Milliseconds from the start of each attempt to its last answer; 0 for one without questions.</summary>
    public int[] Durations { get; }

    /// <summary>When each attempt starts, in milliseconds since the Unix epoch.</summary>
    public long[] Starts { get; }

    /// <summary>The share of a hour's messages among all, the same for load.</summary>
    public static int DrawHour(ref Random64 random)
    {
        var left = random.Below(Facts.Whole("messages"));
        var hour = 0;
        while (left >= MessagesByHour[hour])
        {
            left -= MessagesByHour[hour++];
        }

        return hour;
    }

    /// <summary>A duration of some minutes, now and then of hours, with at least two seconds a question.</summary>
    public static int DrawDuration(ref Random64 random, int questions) =>
        MillisecondsPerQuestion * questions + (int)Math.Min(6 * 3_600_000.0, 170_000 * Math.Exp(1.15 * random.Normal()));

    private int[] DrawDurations(ref Random64 random)
    {
        var durations = new int[_attempts.Count];
        for (var i = 0; i < durations.Length; i++)
        {
            var questions = _attempts[i].Exam.Questions.Length;
            durations[i] = questions == 0 ? 0 : DrawDuration(ref random, questions);
        }

        // First the repeated messages of those that came more than once get the mean, then the attempts that came once bring all attempts to it.
        var extraMessages = Facts.Whole("messages") - Facts.Whole("user_exam_ids");
        var attemptsWithCounts = Facts.Whole("messages_with_counts") - extraMessages;
        var mean = Facts.Number("mean_minutes_to_last_answer") * 60_000;
        int[] redelivered = [.. Enumerable.Range(0, durations.Length).Where(i => _attempts[i].Deliveries > 1)];
        int[] once = [.. Enumerable.Range(0, durations.Length).Where(i => _attempts[i].Deliveries == 1 && durations[i] > 0)];
        Scale(durations, redelivered, i => _attempts[i].Deliveries - 1, mean * extraMessages);
        Scale(durations, once, _ => 1, mean * attemptsWithCounts - redelivered.Sum(i => (double)durations[i]));
        return durations;
    }

    /// <summary>
    /// Scales what some attempts take beyond the least, so that their weighted sum is <paramref name="target"/> as nearly as milliseconds allow.
    /// </summary>
    private void Scale(int[] durations, int[] which, Func<int, int> weight, double target)
    {
        int Least(int i) => MillisecondsPerQuestion * _attempts[i].Exam.Questions.Length;
        var least = which.Sum(i => (double)weight(i) * Least(i));
        var beyond = which.Sum(i => (double)weight(i) * durations[i]) - least;
        var factor = (target - least) / beyond;
        var left = target;
        foreach (var i in which)
        {
            durations[i] = Least(i) + (int)Math.Round((durations[i] - Least(i)) * factor);
            left -= weight(i) * durations[i];
        }

        var longest = which.MaxBy(i => durations[i]);
        durations[longest] += (int)Math.Round(left / weight(longest));
    }

    /// <summary>An hour of the day for each attempt, so that the hours of all messages are as planned.</summary>
    private int[] DrawHours(ref Random64 random)
    {
        int[] left = [.. MessagesByHour];
        var hours = new int[_attempts.Count];
        for (var i = 0; i < hours.Length; i++)
        {
            if (_attempts[i].Deliveries > 1)
            {
                hours[i] = DrawHour(ref random);
                left[hours[i]] -= _attempts[i].Deliveries;
            }
        }

        int[] rest = [.. left.SelectMany((messages, hour) => Enumerable.Repeat(hour, messages))];
        random.Shuffle(rest.AsSpan());
        var next = 0;
        for (var i = 0; i < hours.Length; i++)
        {
            if (_attempts[i].Deliveries == 1)
            {
                hours[i] = rest[next++];
            }
        }

        return hours;
    }

    private long[] DrawStarts(ref Random64 random, int[] hours)
    {
        var starts = new long[hours.Length];
        for (var i = 0; i < starts.Length; i++)
        {
            do
            {
                starts[i] = Milliseconds(DrawDay(ref random)) + hours[i] * 3_600_000L + random.Below(3_600_000);
            }
            while (starts[i] + Durations[i] > End);
        }

        return starts;
    }

    /// <summary>A day of the period: fewer start at weekends, at Thanksgiving and between the years.</summary>
    private static DateOnly DrawDay(ref Random64 random)
    {
        while (true)
        {
            var day = FirstDay.AddDays(random.Below(LastDay.DayNumber - FirstDay.DayNumber + 1));
            var weight = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.45 : 1;
            weight *= (day.Month, day.Day) is (11, 23 or 24) or (12, >= 23) or (1, 1) ? 0.5 : 1;
            if (random.Chance(weight))
            {
                return day;
            }
        }
    }

    private static long Milliseconds(DateOnly day) =>
        (day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
}
