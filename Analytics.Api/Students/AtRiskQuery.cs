using System.Globalization;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Students;

/// <summary>Students who need help, by <see cref="AtRiskRules"/>.</summary>
internal static class AtRiskQuery
{
    // $1 is the pass mark in percent.
    private static readonly string Sql = string.Create(CultureInfo.InvariantCulture, $"""
        with taken as (
          select user_id, course_id, started_at, attempt_id, correct * 100::numeric / nullif(total, 0) score, unanswered * 100.0 / nullif(total, 0) unanswered_share
          from attempts join exams using (exam_id)
          where user_id is not null),
        students as (
          select user_id, course_id, count(*) attempts, max(started_at) last_start, max(score) best,
            (array_agg(score order by started_at, attempt_id) filter (where score is not null))[1] first_score,
            (array_agg(score order by started_at desc nulls last, attempt_id desc) filter (where score is not null))[1] last_score,
            (array_agg(unanswered_share order by started_at desc nulls last, attempt_id desc))[1] unanswered
          from taken group by user_id, course_id),
        judged as (
          select *, coalesce(first_score - last_score >= {AtRiskRules.FallingPoints}, false) is_falling, coalesce(unanswered >= {AtRiskRules.UnansweredPercent}, false) is_unanswered,
            coalesce(last_start <= max(last_start) over () - interval '{AtRiskRules.IdleDays} days' and coalesce(best <= $1, true), false) is_idle
          from students)
        select user_id, name, slug, attempts, last_start, first_score::float8 first_score, last_score::float8 last_score, unanswered::float8 unanswered, is_falling, is_unanswered, is_idle
        from judged join courses using (course_id)
        where is_falling or is_unanswered or is_idle
        order by is_falling::int + is_unanswered::int + is_idle::int desc, user_id, slug
        limit 1000
        """);

    public static Query<StudentsAtRisk> Of(Filter filter) => filter.RowQuery(
        FilterParts.None, [Sql], [new NpgsqlParameter<decimal> { TypedValue = filter.PassMark }],
        async (reader, cancellationToken) => new StudentsAtRisk(await reader.ReadAllAsync(
            row => new StudentAtRisk(
                row.Get<string>("user_id"), row.Get<string>("name"), row.Get<string>("slug"), row.Get<long>("attempts"), row.Get<DateTimeOffset?>("last_start"),
                row.Get<double?>("first_score"), row.Get<double?>("last_score"), row.Get<double?>("unanswered"),
                row.Get<bool>("is_falling"), row.Get<bool>("is_unanswered"), row.Get<bool>("is_idle")),
            cancellationToken)));
}
