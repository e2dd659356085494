namespace Analytics.Api.Sql;

/// <summary>Questions of the published reports on this data set, and some more, each as a statement over the views.</summary>
internal static class ReadyQueries
{
    public static readonly IReadOnlyList<ReadyQuery> All =
    [
        new("messages", "How many assessments are in the data, delivered again or not?",
            "select messages, attempts, students from totals"),
        new("distinct-exams", "How many different exams are there, by id and by name?",
            "select exams, courses from totals"),
        new("learning-git", "How many people took Learning Git?",
            "select students from courses where course = 'Learning Git'"),
        new("most-common-courses", "Which courses are taken most?",
            "select course, attempts from courses order by attempts desc, course limit 10"),
        new("least-common-courses", "Which courses are taken least?",
            "select course, attempts from courses where attempts = (select min(attempts) from courses) order by course"),
        new("mean-score", "What is the mean score in percent over the messages?",
            "select sum(messages * correct * 100.0 / total) / sum(messages) as mean_score from score_counts where total > 0"),
        new("score-deviation", "How far do the scores of the messages stray from it?",
            """
            select sqrt((sum(messages * score ^ 2) - sum(messages * score) ^ 2 / sum(messages)) / (sum(messages) - 1)) as standard_deviation
            from score_counts where total > 0
            """),
        new("over-70", "What share of the attempts scores over 70 %?",
            "select count(*) filter (where score > 70) * 100.0 / count(*) as percent from attempts"),
        new("popular-hour", "At which hour of the day (UTC) do most start?",
            """
            select extract(hour from quarter at time zone 'UTC')::int as hour, sum(messages) as messages
            from start_counts group by hour order by messages desc, hour limit 1
            """),
        new("starts-by-day", "How many start on each day, in Berlin?",
            """
            select (quarter at time zone 'Europe/Berlin')::date as day, sum(attempts) as attempts
            from start_counts group by day order by day
            """),
        new("repeat-deliveries", "Which attempts were delivered more than once?",
            "select user_exam_id, sum(messages) as messages from events group by user_exam_id having sum(messages) > 1 order by messages desc, user_exam_id"),
        new("mean-minutes", "How many minutes does an attempt take on average?",
            "select sum(attempt_microseconds) / sum(attempts) / 60000000 as minutes from duration_counts"),
        new("median-minutes", "And in the middle, without those that make no sense?",
            """
            select percentile_cont(0.5) within group (order by duration_seconds) / 60 as minutes
            from attempts where duration_seconds >= 0 and duration_seconds < 86400
            """),
        new("certification", "How many attempts are for certification?",
            "select certifications from totals"),
        new("courses-with-several-exams", "Which courses have more than one exam id?",
            "select course, exams, attempts from courses where exams > 1 order by attempts desc"),
        new("hardest-questions", "Which questions of Learning Git does nobody know?",
            """
            select question_id, count(*) as answers, avg((correct is true)::int) * 100 as percent_correct
            from answers where course = 'Learning Git' group by question_id order by percent_correct, question_id
            """),
        new("wrong-options", "Which wrong options of Learning Git tempt most?",
            """
            select question_id, option_id, count(*) as shown, count(*) filter (where checked) as chosen
            from answer_options where course = 'Learning Git' and not is_correct
            group by question_id, option_id order by chosen desc, option_id limit 10
            """),
        new("left-out", "Which questions are left out most often?",
            """
            select course, question_id, count(*) as left_out
            from answers where result = 'unanswered' group by course, question_id order by left_out desc, course, question_id limit 10
            """),
    ];
}
