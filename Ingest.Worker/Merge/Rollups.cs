using Npgsql;
using NpgsqlTypes;
using static Ingest.Worker.Merge.RollupCommands;

namespace Ingest.Worker.Merge;

/// <summary>
/// What one batch changes in the rollup tables, summed up before it goes to the database: one row for each row that changes.
/// Rows are written in the order of their keys, so that two workers never wait for each other crosswise.
/// </summary>
internal sealed class Rollups
{
    private readonly Dictionary<int, Totals> _totals = [];
    private readonly Dictionary<(int Exam, int Total, int Correct), Counted> _scores = [];
    private readonly Dictionary<(int Exam, DateTime Quarter), Counted> _starts = []; // Of all exams together, exam 0, by hour.
    private readonly Dictionary<(int Exam, int Seconds), Counted> _durations = [];
    private readonly Dictionary<(int Course, string User), Counted> _users = [];

    /// <summary>Counts one message, or takes it away; redeliveries are messages too.</summary>
    public void AddMessage(in AttemptFigures figures, bool isRedelivery, int sign = 1)
    {
        ref var totals = ref Of(_totals, figures.ExamId);
        totals.Messages += sign;
        totals.Redeliveries += isRedelivery ? sign : 0;
        AddDetails(figures, messages: sign, attempts: 0);
    }

    /// <summary>Counts an attempt, or takes away what it had been counted as.</summary>
    /// <param name="figures">The attempt's newest event.</param>
    /// <param name="sign">1 or -1.</param>
    public void AddAttempt(in AttemptFigures figures, int sign)
    {
        ref var totals = ref Of(_totals, figures.ExamId);
        totals.Attempts += sign;
        totals.Unnamed += figures.UserId is null ? sign : 0;
        totals.Certifications += figures.Certification ? sign : 0;
        if (figures is { Total: { } questions, Completion: { } completion })
        {
            totals.Stated += sign;
            totals.Questions += (long)questions * sign;
            totals.Incomplete += (long)completion.Incomplete * sign;
            totals.Unanswered += (long)completion.Unanswered * sign;
            totals.Complete += completion is (0, 0) ? sign : 0;
        }

        AddDetails(figures, messages: 0, attempts: sign);
        if (figures.UserId is { } user)
        {
            Of(_users, (figures.CourseId, user)).Attempts += sign;
            Of(_users, (0, user)).Attempts += sign;
        }
    }

    /// <summary>The statements that add all of it.</summary>
    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (Changed(_totals) is { Length: > 0 } totals)
        {
            yield return Command(
                """
                insert into exam_totals as old (exam_id, messages, redeliveries, attempts, unnamed_attempts, certifications,
                  stated_attempts, stated_questions, incomplete_questions, unanswered_questions, complete_attempts,
                  implausible_count_messages, implausible_count_attempts, implausible_start_messages, implausible_start_attempts)
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as new (exam_id) order by exam_id
                on conflict (exam_id) do update set
                  messages = old.messages + excluded.messages,
                  redeliveries = old.redeliveries + excluded.redeliveries,
                  attempts = old.attempts + excluded.attempts,
                  unnamed_attempts = old.unnamed_attempts + excluded.unnamed_attempts,
                  certifications = old.certifications + excluded.certifications,
                  stated_attempts = old.stated_attempts + excluded.stated_attempts,
                  stated_questions = old.stated_questions + excluded.stated_questions,
                  incomplete_questions = old.incomplete_questions + excluded.incomplete_questions,
                  unanswered_questions = old.unanswered_questions + excluded.unanswered_questions,
                  complete_attempts = old.complete_attempts + excluded.complete_attempts,
                  implausible_count_messages = old.implausible_count_messages + excluded.implausible_count_messages,
                  implausible_count_attempts = old.implausible_count_attempts + excluded.implausible_count_attempts,
                  implausible_start_messages = old.implausible_start_messages + excluded.implausible_start_messages,
                  implausible_start_attempts = old.implausible_start_attempts + excluded.implausible_start_attempts
                """,
                Column(totals, row => row.Key),
                Column(totals, row => row.Value.Messages),
                Column(totals, row => row.Value.Redeliveries),
                Column(totals, row => row.Value.Attempts),
                Column(totals, row => row.Value.Unnamed),
                Column(totals, row => row.Value.Certifications),
                Column(totals, row => row.Value.Stated),
                Column(totals, row => row.Value.Questions),
                Column(totals, row => row.Value.Incomplete),
                Column(totals, row => row.Value.Unanswered),
                Column(totals, row => row.Value.Complete),
                Column(totals, row => row.Value.ImplausibleCountMessages),
                Column(totals, row => row.Value.ImplausibleCountAttempts),
                Column(totals, row => row.Value.ImplausibleStartMessages),
                Column(totals, row => row.Value.ImplausibleStartAttempts));
        }

        if (Changed(_scores) is { Length: > 0 } scores)
        {
            yield return Command(
                """
                insert into exam_scores as old (exam_id, total, correct, messages, attempts)
                select * from unnest($1, $2, $3, $4, $5) as new (exam_id, total, correct) order by exam_id, total, correct
                on conflict (exam_id, total, correct) do update set
                  messages = old.messages + excluded.messages,
                  attempts = old.attempts + excluded.attempts
                """,
                Column(scores, row => row.Key.Exam),
                Column(scores, row => row.Key.Total),
                Column(scores, row => row.Key.Correct),
                Column(scores, row => row.Value.Messages),
                Column(scores, row => row.Value.Attempts));
        }

        if (Changed(_starts) is { Length: > 0 } starts)
        {
            yield return StartDays(starts);
        }

        if (Changed(_durations) is { Length: > 0 } durations)
        {
            yield return Command(
                """
                insert into exam_durations as old (exam_id, seconds, messages, attempts, message_microseconds, attempt_microseconds)
                select * from unnest($1, $2, $3, $4, $5, $6) as new (exam_id, seconds) order by exam_id, seconds
                on conflict (exam_id, seconds) do update set
                  messages = old.messages + excluded.messages,
                  attempts = old.attempts + excluded.attempts,
                  message_microseconds = old.message_microseconds + excluded.message_microseconds,
                  attempt_microseconds = old.attempt_microseconds + excluded.attempt_microseconds
                """,
                Column(durations, row => row.Key.Exam),
                Column(durations, row => row.Key.Seconds),
                Column(durations, row => row.Value.Messages),
                Column(durations, row => row.Value.Attempts),
                Column(durations, row => row.Value.MessageMicroseconds),
                Column(durations, row => row.Value.AttemptMicroseconds));
        }

        // A course's users are those with attempts, its repeat takers those with two: a row that crosses either mark changes their number.
        if (ChangedUsers() is { Length: > 0 } users)
        {
            yield return Command(
                """
                with change as (
                  select * from unnest($1, $2, $3) as change (course_id, user_id, attempts)
                ), changed as (
                  insert into course_users as old (course_id, user_id, attempts)
                  select course_id, user_id, attempts from change order by course_id, user_id collate "C"
                  on conflict (course_id, user_id) do update set attempts = old.attempts + excluded.attempts
                  returning course_id, user_id, attempts
                ), moved as (
                  select course_id, sum((now > 0)::int - (before > 0)::int) as users, sum((now > 1)::int - (before > 1)::int) as repeat_takers
                  from (
                    select course_id, changed.attempts as now, changed.attempts - change.attempts as before
                    from changed join change using (course_id, user_id)) as takers
                  group by course_id
                )
                insert into course_user_totals as old (course_id, users, repeat_takers)
                select course_id, users, repeat_takers from moved where (users, repeat_takers) <> (0, 0) order by course_id
                on conflict (course_id) do update set
                  users = old.users + excluded.users,
                  repeat_takers = old.repeat_takers + excluded.repeat_takers
                """,
                Column(users, row => row.Key.Course),
                Column(users, row => row.Key.User),
                Column(users, row => row.Value.Attempts));
        }
    }

    private static NpgsqlBatchCommand StartDays(KeyValuePair<(int Exam, DateTime Quarter), Counted>[] starts)
    {
        var days = starts.GroupBy(start => (start.Key.Exam, Day: DateOnly.FromDateTime(start.Key.Quarter)), (day, its) =>
            (day.Exam, day.Day, Starts: its.ToArray())).ToArray();
        return Command(
            """
            insert into start_days as old (exam_id, day, quarters, messages, attempts)
            select exam_id, day, quarters::integer[], messages::integer[], attempts::integer[]
            from unnest($1, $2, $3, $4, $5) as new (exam_id, day, quarters, messages, attempts)
            order by exam_id, day
            on conflict (exam_id, day) do update set (quarters, messages, attempts) = (
              select coalesce(array_agg(quarter order by quarter), '{}'), coalesce(array_agg(messages order by quarter), '{}'),
                coalesce(array_agg(attempts order by quarter), '{}')
              from (
                select quarter, sum(messages)::integer as messages, sum(attempts)::integer as attempts
                from (
                  select * from unnest(old.quarters, old.messages, old.attempts)
                  union all
                  select * from unnest(excluded.quarters, excluded.messages, excluded.attempts)) as starts (quarter, messages, attempts)
                group by quarter
                having (sum(messages), sum(attempts)) <> (0, 0)) as sums)
            """,
            Column(days, day => day.Exam),
            new NpgsqlParameter { Value = Array.ConvertAll(days, day => day.Day), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date },
            Column(days, day => ArrayText(day.Starts, start => (long)start.Key.Quarter.TimeOfDay.TotalMinutes / 15)),
            Column(days, day => ArrayText(day.Starts, start => start.Value.Messages)),
            Column(days, day => ArrayText(day.Starts, start => start.Value.Attempts)));
    }

    private void AddDetails(in AttemptFigures figures, int messages, int attempts)
    {
        ref var totals = ref Of(_totals, figures.ExamId);
        if (figures.HasImplausibleCounts)
        {
            totals.ImplausibleCountMessages += messages;
            totals.ImplausibleCountAttempts += attempts;
        }

        if (figures.ImplausibleStart is not null)
        {
            totals.ImplausibleStartMessages += messages;
            totals.ImplausibleStartAttempts += attempts;
        }

        if (figures is { Total: { } total, Correct: { } correct })
        {
            Of(_scores, (figures.ExamId, total, correct)).Add(messages, attempts);
        }

        if (figures.StartedAt is not { } start)
        {
            return;
        }

        var quarter = new DateTime(start.Ticks - start.Ticks % (15 * TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        Of(_starts, (figures.ExamId, quarter)).Add(messages, attempts);
        var hour = new DateTime(start.Ticks - start.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc);
        Of(_starts, (0, hour)).Add(messages, attempts);
        if (figures.EndedAt is { } end)
        {
            var duration = end - start;
            var seconds = duration < TimeSpan.Zero ? -1 : (int)Math.Min(86_400, duration.Ticks / TimeSpan.TicksPerSecond);
            Of(_durations, (figures.ExamId, seconds)).Add(messages, attempts, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        }
    }

    // PostgreSQL puts them in order, by its own collation.
    private KeyValuePair<(int Course, string User), Counted>[] ChangedUsers() =>
        [.. _users.Where(row => row.Value.Attempts != 0)];

    private record struct Totals
    {
        public long Messages;
        public long Redeliveries;
        public long Attempts;
        public long Unnamed;
        public long Certifications;
        public long Stated;
        public long Questions;
        public long Incomplete;
        public long Unanswered;
        public long Complete;
        public long ImplausibleCountMessages;
        public long ImplausibleCountAttempts;
        public long ImplausibleStartMessages;
        public long ImplausibleStartAttempts;
    }

    private record struct Counted
    {
        public long Messages;
        public long Attempts;
        public decimal MessageMicroseconds;
        public decimal AttemptMicroseconds;

        public void Add(int messages, int attempts, long microseconds = 0)
        {
            Messages += messages;
            Attempts += attempts;
            MessageMicroseconds += (decimal)microseconds * messages;
            AttemptMicroseconds += (decimal)microseconds * attempts;
        }
    }
}
