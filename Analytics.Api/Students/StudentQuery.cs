using Analytics.Api.Attempts;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Students;

/// <summary>Named users, and one student's attempts.</summary>
internal static class StudentQuery
{
    public const string OneScore = "Growth needs two attempts with a score.";

    private const string MaxAttempts = "1000";

    // $1 is the course's slug, null for all, $2 the base_exam_id, $3 the least number of attempts, $4 the user that the page comes after, $5 the number of
    // rows.
    private const string PageSql = """
        select users.user_id, users.attempts, first_start, last_start, scores[1] first_score, scores[array_length(scores, 1)] last_score, best
        from (
            select user_id, attempts
            from course_users
            where course_id = (case when $1::text is null then 0 else (select course_id from courses where slug = $1) end)
              and attempts >= $3 and ($4::text is null or user_id > $4 collate "C")
            order by user_id
            limit $5) users
          cross join lateral (
            select min(started_at) first_start, max(started_at) last_start,
              array_agg((correct * 100::numeric / total)::float8 order by started_at, attempt_id) filter (where total > 0 and correct is not null) scores,
              max((correct * 100::numeric / nullif(total, 0))::float8) best
            from attempts join exams using (exam_id) join courses using (course_id)
            where attempts.user_id = users.user_id and ($1::text is null or slug = $1) and ($2::text is null or base_exam_id = $2)) figures
        order by users.user_id
        """;

    private const string TakenSql = $"""
        select * from (
          select attempt_id, {AttemptQuery.Columns}, count(*) over () taken
          from attempts join exams using (exam_id) join courses using (course_id)
          order by started_at desc nulls first, attempt_id desc
          limit {MaxAttempts}) latest
        order by started_at nulls last, attempt_id
        """;

    private const string NamedSql = "select exists (select from attempts where user_id = $1) named";

    /// <summary>Users by id.</summary>
    /// <param name="filter">Whose attempts.</param>
    /// <param name="minAttempts">Only users with at least so many.</param>
    /// <param name="after">The user that they come after; null for the first.</param>
    /// <param name="limit">How many.</param>
    public static Query<List<Student>> Page(Filter filter, int minAttempts, string? after, int limit) => filter.RowQuery(
        FilterParts.Course,
        [PageSql],
        [
            .. Scope.Parameters(filter), new NpgsqlParameter<int> { TypedValue = minAttempts }, new NpgsqlParameter<string?> { TypedValue = after },
            new NpgsqlParameter<int> { TypedValue = limit },
        ],
        (reader, cancellationToken) => reader.ReadAllAsync(
            row => new Student(
                row.Get<string>("user_id"), row.Get<long>("attempts"), row.Get<DateTimeOffset?>("first_start"), row.Get<DateTimeOffset?>("last_start"),
                row.Get<double?>("first_score"), row.Get<double?>("last_score"), row.Get<double?>("best")),
            cancellationToken));

    /// <summary>Reads the student that the filter names, with the attempts that it leaves.</summary>
    /// <returns>The student, or a sentence if something that the filter names is not there.</returns>
    public static async Task<(StudentDetail? Student, string? Unknown)> ReadOneAsync(
        HttpContext context, ActivityDatabase database, Filter filter, CancellationToken cancellationToken)
    {
        var (known, named) = (Known.Check(filter), new Query<bool>([NamedSql], [new NpgsqlParameter<string> { TypedValue = filter.User! }], ReadNamedAsync));
        var taken = filter.RowQuery(
            FilterParts.None, [TakenSql], [],
            (reader, cancel) => reader.ReadAllAsync(row => (Attempt: AttemptQuery.Read(row), All: row.Get<long>("taken")), cancel));
        await using var reader = await database.QueryAsync(context, [known, named, taken], cancellationToken);
        if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
        {
            return (null, unknown);
        }

        var isNamed = await named.ReadAsync(reader, cancellationToken);
        var rows = await taken.ReadAsync(reader, cancellationToken);
        var attempts = rows.ConvertAll(row => row.Attempt);
        return (new StudentDetail(
            filter.User!, isNamed, rows.Count == 0 ? 0 : rows[0].All, [.. attempts.GroupBy(attempt => attempt.CourseSlug).Select(Growth)], Numbered(attempts)),
                null);

        static async Task<bool> ReadNamedAsync(NpgsqlDataReader reader, CancellationToken cancel) =>
            (await reader.ReadAllAsync(row => row.Get<bool>("named"), cancel)).Single();
    }

    private static CourseGrowth Growth(IGrouping<string, Attempt> course)
    {
        var scores = course.Select(attempt => attempt.Score).OfType<double>().ToArray();
        return new CourseGrowth(
            course.First().Course, course.Key, course.Count(),
            scores.Length == 0 ? null : scores[0], scores.Length == 0 ? null : scores[^1], scores.Length == 0 ? null : scores.Max(),
            scores.Length < 2 ? null : scores[^1] - scores[0], scores.Length < 2 ? OneScore : null);
    }

    private static StudentAttempt[] Numbered(List<Attempt> taken)
    {
        var before = new Dictionary<string, (long Number, double? Score)>(StringComparer.Ordinal);
        return [.. taken.Select(Number)];

        StudentAttempt Number(Attempt attempt)
        {
            var (number, score) = before.GetValueOrDefault(attempt.CourseSlug);
            before[attempt.CourseSlug] = (number + 1, attempt.Score ?? score);
            return new StudentAttempt(attempt, number + 1, attempt.Score - score);
        }
    }
}
