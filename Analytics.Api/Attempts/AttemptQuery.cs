using System.Text.Json;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Attempts;

/// <summary>Attempts as rows: a page of them, and one with its answers.</summary>
internal static class AttemptQuery
{
    /// <summary>The columns that <see cref="Read"/> reads, of attempts joined with exams and courses.</summary>
    public const string Columns = """
        user_exam_id, user_id, name course, slug course_slug, base_exam_id, certification, started_at, ended_at,
          (extract(epoch from ended_at - started_at) / 60)::float8 minutes, total, correct, (correct * 100::numeric / nullif(total, 0))::float8 score,
          implausible_start, implausible_counts::text implausible_counts
        """;

    // $1 is the number of rows, $2 and $3 the start (null on a page of attempts without one) and the attempt_id that the page comes after.
    private const string Joined = $"""
        select attempt_id, {Columns}
        from attempts join exams using (exam_id) join courses using (course_id)
        """;

    private const string StartedSql = $"""
        {Joined}
        where started_at is not null and ($3::bigint is null or started_at <= $2) and ($3::bigint is null or started_at < $2 or attempt_id < $3)
        order by started_at desc, attempt_id desc
        limit $1
        """;

    private const string UnstartedSql = $"""
        {Joined}
        where started_at is null and ($2::timestamptz is not null or $3::bigint is null or attempt_id < $3)
        order by attempt_id desc
        limit $1
        """;

    private const string DetailSql = $"""
        select attempt_id, {Columns}, keen_id, 1 + redeliveries::bigint deliveries,
          created_at, attempt_number, max_attempts, incorrect, incomplete, submitted, unanswered
        from attempts join exams using (exam_id) join courses using (course_id)
        where user_exam_id = $1
        """;

    private const string AnswersSql = """
        select answers.position + 1 place, question_id, user_result, user_correct, user_incomplete, user_submitted,
          (select max(at) from unnest(answered_at) at) last_answered_at,
          array(
            select option_id from unnest(item_option_ids) with ordinality as shown (id, place)
              join item_options on item_option_id = id order by place) option_ids,
          array(
            select is_correct from unnest(item_option_ids) with ordinality as shown (id, place)
              join item_options on item_option_id = id order by place) options_correct,
          array(
            select names.text from unnest(item_option_ids) with ordinality as shown (id, place)
              left join item_option_names names on names.item_option_id = id order by place) option_texts,
          checked, answers.submitted, answered_at, (select text from item_names names where names.item_id = answers.item_id) as text,
          (select topic from item_names names where names.item_id = answers.item_id) as topic
        from answers join items using (item_id)
        where user_exam_id = $1
        order by answers.position
        """;

    /// <summary>The attempts that come after a place in the list, each with its own place.</summary>
    /// <param name="filter">Which attempts.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="after">Null for the first page.</param>
    public static Query<List<(AttemptCursor Place, Attempt Attempt)>> Page(Filter filter, int limit, AttemptCursor? after) => filter.RowQuery(
        FilterParts.None,
        after is { StartedAt: null } ? [UnstartedSql] : [StartedSql, UnstartedSql],
        [
            new NpgsqlParameter<int> { TypedValue = limit },
            new NpgsqlParameter<DateTime?> { TypedValue = after?.StartedAt },
            new NpgsqlParameter<long?> { TypedValue = after?.AttemptId },
        ],
        async (reader, cancellationToken) =>
        {
            var rows = new List<(AttemptCursor, Attempt)>();
            do
            {
                while (rows.Count < limit && await reader.ReadAsync(cancellationToken))
                {
                    var attempt = Read(reader);
                    rows.Add((new AttemptCursor(attempt.StartedAt?.UtcDateTime, reader.Get<long>("attempt_id")), attempt));
                }
            }
            while (await reader.NextResultAsync(cancellationToken));
            return rows;
        });

    /// <summary>One attempt by its user_exam_id, with its answers; null if there is none.</summary>
    public static Query<AttemptDetail?> One(string userExamId) => new(
        [DetailSql, AnswersSql], [new NpgsqlParameter<string> { TypedValue = userExamId }],
        async (reader, cancellationToken) => (await reader.ReadAllAsync(ReadDetail, cancellationToken)).SingleOrDefault() is { } attempt
            ? attempt with { Answers = await reader.ReadAllAsync(ReadAnswer, cancellationToken) }
            : null)
    { Source = Source.Rows };

    /// <param name="row">A row that has <see cref="Columns"/>.</param>
    public static Attempt Read(NpgsqlDataReader row) => new(
        row.Get<string>("user_exam_id"), row.GetOrNull<string>("user_id"),
        row.Get<string>("course"), row.Get<string>("course_slug"), row.Get<string>("base_exam_id"),
        row.Get<bool>("certification"), row.Get<DateTimeOffset?>("started_at"), row.Get<DateTimeOffset?>("ended_at"), row.Get<double?>("minutes"),
        row.Get<int?>("total"), row.Get<int?>("correct"), row.Get<double?>("score"))
    {
        ImplausibleStart = row.Get<DateTimeOffset?>("implausible_start"),
        ImplausibleCounts = row.GetOrNull<string>("implausible_counts") is { } counts
            ? JsonSerializer.Deserialize(counts, AnalyticsJson.Default.ImplausibleCounts)
            : null,
    };

    private static AttemptDetail ReadDetail(NpgsqlDataReader row) => new(Read(row))
    {
        KeenId = row.Get<string>("keen_id"),
        Deliveries = row.Get<long>("deliveries"),
        CreatedAt = row.Get<DateTimeOffset?>("created_at"),
        AttemptNumber = row.Get<int?>("attempt_number"),
        MaxAttempts = row.Get<int?>("max_attempts"),
        Incorrect = row.Get<int?>("incorrect"),
        Incomplete = row.Get<int?>("incomplete"),
        Submitted = row.Get<int?>("submitted"),
        Unanswered = row.Get<int?>("unanswered"),
        Answers = [],
    };

    private static Answer ReadAnswer(NpgsqlDataReader row)
    {
        var ids = row.Get<string[]>("option_ids");
        var correct = row.Get<bool[]>("options_correct");
        var texts = row.Get<string?[]>("option_texts");
        var chosen = row.Get<bool?[]>("checked");
        var submitted = row.Get<bool?[]>("submitted");
        var touched = row.Get<DateTimeOffset?[]>("answered_at");
        return new Answer(
            row.Get<int>("place"), row.Get<string>("question_id"), row.GetOrNull<string>("user_result"),
            row.Get<bool?>("user_correct"), row.Get<bool?>("user_incomplete"), row.Get<bool?>("user_submitted"), row.Get<DateTimeOffset?>("last_answered_at"),
            [.. ids.Select((id, place) => new AnsweredOption(id, correct[place], chosen[place], submitted[place], touched[place]) { Text = texts[place] })])
        { Text = row.GetOrNull<string>("text"), Topic = row.GetOrNull<string>("topic") };
    }
}
