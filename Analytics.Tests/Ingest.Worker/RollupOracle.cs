namespace Analytics.Tests.Ingest.Worker;

/// <summary>Rebuilds from the rows what the rollups must say, by SQL that shares nothing with ingest, and compares.</summary>
internal static class RollupOracle
{
    // Superseded events of a database of before say nothing of what they counted for.
    private const string RowsTellMessages = "not exists (select from events as unknown where unknown.exam_id is null)";

    private static readonly (string Name, string Rollup, string Rebuilt)[] Figures =
    [
        (
            "exam_totals",
            "select exam_id, attempts, unnamed_attempts, certifications from exam_totals where (attempts, unnamed_attempts, certifications) <> (0, 0, 0)",
            "select exam_id, count(*), count(*) filter (where user_id is null), count(*) filter (where certification) from attempts group by exam_id"),
        (
            "what attempts state",
            """
            select exam_id, stated_attempts, stated_questions, incomplete_questions, unanswered_questions, complete_attempts from exam_totals
            where (stated_attempts, stated_questions, incomplete_questions, unanswered_questions, complete_attempts) <> (0, 0, 0, 0, 0)
            """,
            """
            select exam_id, count(*), sum(total), sum(incomplete), sum(unanswered), count(nullif(greatest(incomplete, unanswered) > 0, true))
            from attempts where total + incomplete + unanswered is not null group by exam_id
            """),
        (
            "what can't be",
            "select exam_id, implausible_count_attempts, implausible_start_attempts from exam_totals where (implausible_count_attempts, "
                + "implausible_start_attempts) <> (0, 0)",
            """
            select exam_id, count(*) filter (where implausible_counts is not null), count(*) filter (where implausible_start is not null)
            from attempts where coalesce(implausible_counts::text, implausible_start::text) is not null group by exam_id
            """),
        (
            "attempts with what can't be beside what can",
            """
            select attempt_id from attempts
            where implausible_start is not null and started_at is not null
              or implausible_counts is not null and num_nonnulls(total, correct, incorrect, incomplete, submitted, unanswered) > 0
              or greatest(correct, incorrect, incomplete, submitted, unanswered) > coalesce(total, 32767) or total > 32767
              or least(total, correct, incorrect, incomplete, submitted, unanswered) < 0
              or started_at < '2000-01-01Z' or started_at > now() + interval '1 day'
            """,
            "select 0::bigint where false"),
        (
            "messages and redeliveries",
            "select coalesce(sum(messages), 0)::bigint, coalesce(sum(redeliveries), 0)::bigint from exam_totals",
            "select count(*) + coalesce(sum(redeliveries), 0), coalesce(sum(redeliveries), 0)::bigint from events"),
        (
            "messages by partition",
            "select coalesce(sum(messages), 0)::bigint from exam_totals",
            "select coalesce(sum(messages), 0)::bigint from ingest_partitions"),
        (
            "dead letters by partition",
            "select partition, dead_letters from ingest_partitions where dead_letters > 0",
            "select partition, count(*) from dead_letters group by partition"),
        (
            "exam_scores",
            "select exam_id, total, correct, attempts from exam_scores where attempts <> 0",
            "select exam_id, total, correct, count(*) from attempts where total is not null and correct is not null group by exam_id, total, correct"),
        (
            "exam_starts",
            "select exam_id, quarter, attempts from exam_starts where attempts <> 0",
            "select exam_id, date_bin('15 minutes', started_at, '2000-01-01Z'), count(*) from attempts where started_at is not null group by 1, 2"),
        (
            "start_hours",
            "select hour, attempts from start_hours where attempts <> 0",
            "select date_trunc('hour', started_at, 'UTC'), count(*) from attempts where started_at is not null group by 1"),
        (
            "messages of start_hours",
            "select hour, messages from start_hours",
            "select date_trunc('hour', quarter, 'UTC'), sum(messages)::bigint from exam_starts group by 1"),
        (
            "exam_durations",
            "select exam_id, seconds, attempts, attempt_microseconds from exam_durations where attempts <> 0",
            """
            select exam_id, case when ended_at < started_at then -1 else least(86400, floor(extract(epoch from ended_at - started_at)))::int end,
              count(*), sum(extract(epoch from ended_at - started_at) * 1000000)::numeric(40, 0)
            from attempts where ended_at is not null and started_at is not null group by 1, 2
            """),
        (
            "course_users",
            "select course_id, user_id, attempts from course_users where attempts <> 0",
            """
            select course_id, user_id, count(*) from attempts join exams using (exam_id) where user_id is not null group by 1, 2
            union all select 0, user_id, count(*) from attempts where user_id is not null group by 2
            """),
        (
            "course_user_totals",
            "select course_id, users, repeat_takers from course_user_totals where (users, repeat_takers) <> (0, 0)",
            """
            select course_id, count(*), count(*) filter (where attempts > 1)
            from (
              select course_id, count(*) as attempts from attempts join exams using (exam_id) where user_id is not null group by course_id, user_id
              union all select 0, count(*) from attempts where user_id is not null group by user_id) as takers
            group by course_id
            """),
        (
            "exam_results",
            "select exam_id, questions, correct, attempts from exam_results where attempts <> 0",
            """
            select exam_id, questions, solved, count(*)
            from (
              select attempt_id, count(distinct item_id) as questions,
                count(distinct item_id) - count(distinct item_id) filter (where user_correct is not true) as solved
              from answers group by attempt_id) as results
              join attempts using (attempt_id)
            group by exam_id, questions, solved
            """),
        (
            "item_results",
            """
            select item_id, questions, correct, attempts, solved, incorrect, missed_some, unanswered from item_results
            where (attempts, solved, incorrect, missed_some, unanswered) <> (0, 0, 0, 0, 0)
            """,
            """
            select item_id, questions, correct, count(distinct attempt_id),
              count(distinct attempt_id) - count(distinct attempt_id) filter (where user_correct is not true),
              count(distinct attempt_id) filter (where user_result = 'incorrect'), count(distinct attempt_id) filter (where user_result = 'missed_some'),
              count(distinct attempt_id) filter (where user_result = 'unanswered')
            from (
              select attempt_id, count(distinct item_id) as questions,
                count(distinct item_id) - count(distinct item_id) filter (where user_correct is not true) as correct
              from answers group by attempt_id) as results
              join answers using (attempt_id)
            group by item_id, questions, correct
            """),
        (
            "item_option_choices",
            "select item_option_id, shown, chosen from item_option_choices where (shown, chosen) <> (0, 0)",
            """
            select item_option_ids[i], count(*), count(*) filter (where checked[i])
            from answers, generate_subscripts(item_option_ids, 1) as i group by 1
            """),
        (
            "exam_versions",
            "select exam_id, item_ids, attempts from exam_versions where attempts <> 0",
            """
            select exam_id, items, count(*)
            from (select attempt_id, array(select distinct item_id from answers where answers.attempt_id = attempts.attempt_id order by 1) as items, exam_id from attempts) as shown
            where items <> '{}' group by exam_id, items
            """),
        (
            "exam_version_id",
            "select attempt_id, item_ids from attempts join exam_versions using (exam_version_id)",
            "select attempt_id, array_agg(distinct item_id order by item_id) from answers group by attempt_id"),
        (
            "names of versions",
            "select exam_version_id, version from exam_versions",
            """
            select exam_version_id, substr(encode(sha256(string_agg(convert_to(question_id, 'UTF8'), decode('00', 'hex') order by question_id)), 'hex'), 1, 32)
            from exam_versions join items on item_id = any(item_ids) group by exam_version_id
            """),
        (
            "exam_version_results",
            """
            select exam_version_id, correct, place, kept.attempts, solved[place], incorrect[place], missed_some[place], unanswered[place]
            from exam_version_results as kept join exam_versions using (exam_version_id), generate_subscripts(item_ids, 1) as place
            where kept.attempts <> 0 or num_nonnulls(nullif(solved[place], 0), nullif(incorrect[place], 0), nullif(missed_some[place], 0), nullif(unanswered[place], 0)) > 0
            """,
            """
            select exam_version_id, results.correct, array_position(item_ids, item_id), count(distinct attempt_id),
              count(distinct attempt_id) - count(distinct attempt_id) filter (where user_correct is not true),
              count(distinct attempt_id) filter (where user_result = 'incorrect'), count(distinct attempt_id) filter (where user_result = 'missed_some'),
              count(distinct attempt_id) filter (where user_result = 'unanswered')
            from (
              select attempt_id, count(distinct item_id) - count(distinct item_id) filter (where user_correct is not true) as correct
              from answers group by attempt_id) as results
              join answers using (attempt_id) join exam_versions using (exam_version_id)
            group by exam_version_id, results.correct, item_ids, item_id
            """),
        (
            "exam_version_choices",
            """
            select exam_version_id, item_option_ids[i], shown[i], chosen[i] from exam_version_choices, generate_subscripts(item_option_ids, 1) as i
            where (shown[i], chosen[i]) <> (0, 0)
            """,
            """
            select exam_version_id, item_option_ids[i], count(*), count(*) filter (where checked[i])
            from answers, generate_subscripts(item_option_ids, 1) as i group by 1, 2
            """),
        (
            "is_correct",
            "select item_id, array_agg(item_option_id order by item_option_id) from item_options where is_correct group by item_id",
            "select item_id, item_option_ids from item_keys"),
        (
            "ended_at",
            "select attempt_id, ended_at from attempts where ended_at is not null",
            "select attempt_id, max(at) from answers, unnest(answered_at) as at where at is not null group by attempt_id"),
        (
            "events of attempts",
            "select keen_id, user_exam_id from attempts",
            "select keen_id, user_exam_id from events where keen_id in (select keen_id from attempts)"),
        (
            "attempts of events",
            "select user_exam_id from attempts",
            "select distinct user_exam_id from events"),
        (
            "arrays that do not belong together",
            """
            select event_id from events
            where exam_id is not null and (cardinality(item_ids), cardinality(item_ids), coalesce(option_ends[cardinality(option_ends)], 0), length(option_marks))
              is distinct from (cardinality(results), cardinality(option_ends), cardinality(item_option_ids), cardinality(item_option_ids))
            """,
            "select 0::bigint where false"),
        (
            "messages of exam_totals",
            $"select exam_id, messages, redeliveries, implausible_count_messages, implausible_start_messages from exam_totals where messages <> 0 and {RowsTellMessages}",
            $"""
            select exam_id, sum(1 + redeliveries)::bigint, sum(redeliveries)::bigint, sum((1 + redeliveries) * (implausible_counts is not null)::int)::bigint,
              sum((1 + redeliveries) * (implausible_start is not null)::int)::bigint
            from events where {RowsTellMessages} group by exam_id
            """),
        (
            "messages of exam_scores",
            $"select exam_id, total, correct, messages from exam_scores where messages <> 0 and {RowsTellMessages}",
            $"select exam_id, total, correct, sum(1 + redeliveries)::bigint from events where {RowsTellMessages} and total is not null and correct is not null group by 1, 2, 3"),
        (
            "messages of exam_starts",
            $"select exam_id, quarter, messages::bigint from exam_starts where messages <> 0 and {RowsTellMessages}",
            $"""
            select exam_id, date_bin('15 minutes', started_at, '2000-01-01Z'), sum(1 + redeliveries)::bigint
            from events where {RowsTellMessages} and started_at is not null group by 1, 2
            """),
        ("answers to unknown questions", "select item_id from answers where not exists (select from items where items.item_id = answers.item_id)",
            "select 0 where false"),
    ];

    /// <summary>Fails with the first rows that differ.</summary>
    public static async Task CheckAsync(ActivityDatabase database)
    {
        foreach (var (name, rollup, rebuilt) in Figures)
        {
            var differences = await database.RowsAsync($"""
                with kept as ({rollup}), rebuilt as ({rebuilt})
                (select 'kept', * from kept except all select 'kept', * from rebuilt)
                union all
                (select 'rebuilt', * from rebuilt except all select 'rebuilt', * from kept)
                limit 5
                """);
            Assert.True(differences.Count == 0, $"{name}: {string.Join("; ", differences)}");
        }
    }
}
