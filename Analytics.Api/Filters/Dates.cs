using Npgsql;
using NpgsqlTypes;

namespace Analytics.Api.Filters;

/// <summary>Attempts that start within days of a time zone's calendar.</summary>
/// <param name="Zone">The IANA time zone.</param>
/// <param name="From">The first day; null for no bound.</param>
/// <param name="To">The last day; null for no bound.</param>
internal sealed record Dates(string Zone, DateOnly? From, DateOnly? To)
{
    public const string Utc = "UTC";

    /// <summary>The characters of which IANA makes the names of time zones.</summary>
    public const string ZonePattern = "^[A-Za-z0-9_+/-]+$";

    // Of an attempt, as ingest sums it up.
    private const string Stated = "total is not null and incomplete is not null and unanswered is not null";

    private static readonly DateOnly FirstDay = new(1970, 1, 1);
    private static readonly DateOnly LastDay = new(2999, 12, 31);

    /// <summary>What is wrong with the days or the zone, in a sentence; null if nothing is.</summary>
    public string? Complaint =>
        Clock.Of(Zone) is null ? $"There is no time zone \"{Zone}\"; IANA names are known, as Europe/Berlin."
        : From > To ? "The parameter from is a day after to."
        : From < FirstDay || To < FirstDay || From > LastDay || To > LastDay ? $"The parameters from and to are days from {FirstDay:O} to {LastDay:O}."
        : null;

    /// <summary>The zone's clock.</summary>
    public Clock Clock => Clock.Of(Zone)!;

    /// <summary>The instant at which the first day begins and that at which the last one ends, as parameters, each null for no bound; nothing for null.</summary>
    public static NpgsqlParameter[] Parameters(Dates? dates) => dates is null
        ? []
        :
        [
            Instant(dates.From is { } from ? dates.Clock.StartOf(from) : null),
            Instant(dates.To is { } to ? dates.Clock.StartOf(to.AddDays(1)) : null),
        ];

    /// <summary>
    /// A query over the rollups of all attempts, or the same query over rollups of those within dates: made from the attempts' rows, they
    /// stand under the same names before the tables. Superseded events keep no date, so the messages of these rollups are attempts.
    /// </summary>
    /// <param name="dates">Null for all attempts.</param>
    /// <param name="query">A query that may read attempts, exam_totals, exam_scores, exam_durations and course_user_totals.</param>
    /// <param name="parameters">How many parameters the query has; those of the dates follow.</param>
    public static string Over(Dates? dates, string query, int parameters)
    {
        const string With = "with ";
        return dates is null ? query
            : query.StartsWith(With, StringComparison.Ordinal) ? $"{With}{Rollups(parameters)},\n{query[With.Length..]}"
            : $"{With}{Rollups(parameters)}\n{query}";
    }

    private static NpgsqlParameter<DateTime?> Instant(DateTime? utc) => new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = utc };

    private static string Rollups(int parameters)
    {
        var (from, until) = ($"${parameters + 1}", $"${parameters + 2}");
        return $"""
            attempts as not materialized (
              select * from attempts
              where started_at >= coalesce({from}::timestamptz, '-infinity') and started_at < coalesce({until}::timestamptz, 'infinity')),
            exam_totals as (
              select exam_id, count(*) messages, 0::bigint redeliveries, count(*) attempts,
                count(*) filter (where user_id is null) unnamed_attempts, count(*) filter (where certification) certifications,
                count(*) filter (where {Stated}) stated_attempts, coalesce(sum(total) filter (where {Stated}), 0) stated_questions,
                coalesce(sum(incomplete) filter (where {Stated}), 0) incomplete_questions, coalesce(sum(unanswered) filter (where {Stated}), 0) unanswered_questions,
                count(*) filter (where {Stated} and incomplete = 0 and unanswered = 0) complete_attempts,
                count(implausible_counts) implausible_count_messages, count(implausible_counts) implausible_count_attempts,
                0::bigint implausible_start_messages, 0::bigint implausible_start_attempts
              from attempts group by exam_id),
            exam_scores as (
              select exam_id, total, correct, count(*) messages, count(*) attempts
              from attempts where total is not null and correct is not null group by exam_id, total, correct),
            exam_durations as (
              select exam_id, seconds, count(*) messages, count(*) attempts, sum(microseconds) message_microseconds, sum(microseconds) attempt_microseconds
              from (
                select exam_id, case when ended_at < started_at then -1 else least(86400, floor(extract(epoch from ended_at - started_at)))::int end seconds,
                  extract(epoch from ended_at - started_at) * 1000000 microseconds
                from attempts where ended_at is not null) durations
              group by exam_id, seconds),
            course_user_totals as (
              select course_id, count(*) users, count(*) filter (where taken > 1) repeat_takers
              from (
                select coalesce(course_id, 0) course_id, count(*) taken
                from attempts join exams using (exam_id) where user_id is not null group by grouping sets ((course_id, user_id), (user_id))) takers
              group by course_id)
            """;
    }
}
