namespace Ingest.Worker.Maintenance;

/// <summary>Each figure that ingest keeps, and the same from the rows that it is kept of.</summary>
internal static class FigureChecks
{
    private const string StatedRows = "total is not null and incomplete is not null and unanswered is not null";

    // An item of an attempt is solved if every answer to it in that attempt is correct.
    private const string AttemptItems = """
        (select attempt_id, item_id, bool_and(user_correct is true) solved, bool_or(user_result = 'incorrect') incorrect,
          bool_or(user_result = 'missed_some') missed_some, bool_or(user_result = 'unanswered') unanswered
        from answers group by attempt_id, item_id)
        """;

    private const string Results =
        $"(select attempt_id, count(*) questions, count(*) filter (where solved) solved from {AttemptItems} as items group by attempt_id)";

    // What each event counts for as messages; nothing where one of before superseded events kept what they say is among them.
    private const string MessageRows = """
        (select events.*, 1 + redeliveries messages from events
          where exam_id is not null and not exists (select from events older where not is_newest and exam_id is null)) as rows
        """;

    private const string HasAllMessages = "not exists (select from events where not is_newest and exam_id is null)";

    public static IReadOnlyList<Check> All { get; } =
    [
        new(
            "attempts of each exam",
            "select exam_id, attempts, unnamed_attempts, certifications from exam_totals where attempts > 0",
            "select exam_id, count(*), count(*) filter (where user_id is null), count(*) filter (where certification) from attempts group by exam_id"),
        new(
            "questions that attempts state",
            "select exam_id, stated_attempts, stated_questions, incomplete_questions, unanswered_questions, complete_attempts from exam_totals where "
                + "stated_attempts > 0",
            $"""
            select exam_id, count(*), sum(total), sum(incomplete), sum(unanswered), count(*) filter (where incomplete = 0 and unanswered = 0)
            from attempts where {StatedRows} group by exam_id
            """),
        new(
            "counts and starts that can't be",
            """
            select exam_id, implausible_count_attempts, implausible_start_attempts from exam_totals
            where implausible_count_attempts > 0 or implausible_start_attempts > 0
            """,
            """
            select exam_id, count(implausible_counts), count(implausible_start) from attempts
            where implausible_counts is not null or implausible_start is not null group by exam_id
            """),
        new(
            "messages and redeliveries",
            "select coalesce(sum(messages), 0)::bigint, coalesce(sum(redeliveries), 0)::bigint from exam_totals",
            "select count(*) + coalesce(sum(redeliveries), 0)::bigint, coalesce(sum(redeliveries), 0)::bigint from events"),
        new(
            "messages of each exam",
            $"""
            select exam_id, messages, redeliveries, implausible_count_messages, implausible_start_messages from exam_totals
            where messages > 0 and {HasAllMessages}
            """,
            $"""
            select exam_id, sum(messages), sum(redeliveries), coalesce(sum(messages) filter (where implausible_counts is not null), 0),
              coalesce(sum(messages) filter (where implausible_start is not null), 0)
            from {MessageRows} group by 1
            """),
        new(
            "scores of messages",
            $"select exam_id, total, correct, messages from exam_scores where messages > 0 and {HasAllMessages}",
            $"select exam_id, total, correct, sum(messages) from {MessageRows} where total is not null and correct is not null group by 1, 2, 3"),
        new(
            "starts of messages",
            $"select exam_id, quarter, messages::bigint from exam_starts where messages > 0 and {HasAllMessages}",
            $"select exam_id, date_bin('15 minutes', started_at, '2000-01-01Z'), sum(messages) from {MessageRows} where started_at is not null group by 1, 2"),
        new(
            "durations of messages",
            $"select exam_id, seconds, messages, message_microseconds from exam_durations where messages > 0 and {HasAllMessages}",
            $"""
            select exam_id, case when ended_at < started_at then -1 else least(86400, floor(extract(epoch from ended_at - started_at)))::int end,
              sum(messages), sum(messages * extract(epoch from ended_at - started_at) * 1000000)::numeric(40, 0)
            from {MessageRows} where ended_at is not null and started_at is not null group by 1, 2
            """),
        new(
            "rows of the erased",
            """
            select user_exam_id from events
            where exists (select from erasures where kind = 'attempt' and id_hash = sha256(convert_to(user_exam_id, 'UTF8')))
              or exists (select from erasures where kind = 'student' and id_hash = sha256(convert_to(coalesce(user_id, user_exam_id), 'UTF8')) and exam_id is not null)
            """,
            "select null::text where false"),
        new(
            "scores",
            "select exam_id, total, correct, attempts from exam_scores where attempts > 0",
            "select exam_id, total, correct, count(*) from attempts where total is not null and correct is not null group by 1, 2, 3"),
        new(
            "starts by quarter of an hour",
            "select exam_id, quarter, attempts from exam_starts where attempts > 0",
            "select exam_id, date_bin('15 minutes', started_at, '2000-01-01Z'), count(*) from attempts where started_at is not null group by 1, 2"),
        new(
            "starts by hour",
            "select hour, attempts from start_hours where attempts > 0",
            "select date_trunc('hour', started_at, 'UTC'), count(*) from attempts where started_at is not null group by 1"),
        new(
            "durations",
            "select exam_id, seconds, attempts, attempt_microseconds from exam_durations where attempts > 0",
            """
            select exam_id, case when ended_at < started_at then -1 else least(86400, floor(extract(epoch from ended_at - started_at)))::int end,
              count(*), sum(extract(epoch from ended_at - started_at) * 1000000)::numeric(40, 0)
            from attempts where ended_at is not null and started_at is not null group by 1, 2
            """),
        new(
            "users",
            "select course_id, user_id, attempts from course_users where attempts > 0",
            """
            select coalesce(course_id, 0), user_id, count(*) from attempts join exams using (exam_id)
            where user_id is not null group by grouping sets ((course_id, user_id), (user_id))
            """),
        new(
            "users of each course",
            "select course_id, users, repeat_takers from course_user_totals where users > 0",
            "select course_id, count(*), count(*) filter (where attempts > 1) from course_users where attempts > 0 group by 1"),
        new(
            "results",
            "select exam_id, questions, correct, attempts from exam_results where attempts > 0",
            $"select exam_id, questions, solved, count(*) from {Results} as results join attempts using (attempt_id) group by 1, 2, 3"),
        new(
            "results of each question",
            "select item_id, questions, correct, attempts, solved, incorrect, missed_some, unanswered from item_results where attempts > 0",
            $"""
            select item_id, questions, results.solved, count(*), count(*) filter (where items.solved), count(*) filter (where incorrect),
              count(*) filter (where missed_some), count(*) filter (where unanswered)
            from {AttemptItems} as items join {Results} as results using (attempt_id) group by 1, 2, 3
            """),
        new(
            "choices of each option",
            "select item_option_id, shown, chosen from item_option_choices where shown > 0",
            """
            select item_option_id, count(*), count(*) filter (where is_checked)
            from answers cross join unnest(item_option_ids, checked) as options (item_option_id, is_checked) group by 1
            """),
        new(
            "versions of each exam",
            "select exam_version_id, exam_id, item_ids, attempts from exam_versions where attempts > 0",
            $"""
            select exam_version_id, exam_id, item_ids, count(*)
            from attempts
              join (select attempt_id, array_agg(item_id order by item_id) item_ids from {AttemptItems} as items group by attempt_id) as shown using (attempt_id)
            group by 1, 2, 3
            """),
        new(
            "names of versions",
            "select exam_version_id, version from exam_versions",
            """
            select exam_version_id, left(encode(sha256(string_agg(convert_to(question_id, 'UTF8'), '\x00'::bytea order by question_id)), 'hex'), 32)
            from exam_versions cross join unnest(item_ids) as item (item_id) join items using (item_id) group by 1
            """),
        new(
            "results of each version",
            """
            select exam_version_id, correct, item_ids[place], results.attempts, solved, incorrect, missed_some, unanswered
            from (
              select exam_version_id, correct, attempts, item.*
              from exam_version_results cross join unnest(solved, incorrect, missed_some, unanswered)
                with ordinality as item (solved, incorrect, missed_some, unanswered, place)) as results
              join exam_versions using (exam_version_id)
            where results.attempts > 0
            """,
            $"""
            select exam_version_id, results.solved, item_id, count(*), count(*) filter (where items.solved), count(*) filter (where items.incorrect),
              count(*) filter (where missed_some), count(*) filter (where items.unanswered)
            from {AttemptItems} as items join {Results} as results using (attempt_id) join attempts using (attempt_id) group by 1, 2, 3
            """),
        new(
            "choices of each version",
            """
            select exam_version_id, options.*
            from exam_version_choices cross join unnest(item_option_ids, shown, chosen) as options (item_option_id, shown, chosen) where options.shown > 0
            """,
            """
            select exam_version_id, item_option_id, count(*), count(*) filter (where is_checked)
            from answers cross join unnest(item_option_ids, checked) as options (item_option_id, is_checked) group by 1, 2
            """),
        new(
            "answer keys",
            "select item_id, item_option_id from item_options join item_keys using (item_id) where is_correct",
            "select item_id, unnest(item_option_ids) from item_keys"),
    ];
}
