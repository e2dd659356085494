namespace Analytics.Tests.Analytics.Api;

/// <summary>
/// Four courses, five exams, seven attempts; every figure can be told by hand.
/// <list type="bullet">
/// <item>Learning Git: git-a with three attempts (100 % delivered three times, 60 %, 0 %; the last by u1), git-b with two of u1 (75 %, and one without
/// counts).</item>
/// <item>Café &amp; C#: one attempt without counts. Once: one attempt of u1, 66.7 % replaced by 33.3 %. Moved: one message, whose attempt went
/// elsewhere.</item>
/// <item>Of git-a's attempts one left nothing open, the others five questions unanswered and two incomplete; that of Moved left nothing open; no other
/// says.</item>
/// <item>Of the attempts one has no start and two no duration; one ends before it starts, one takes 25 hours, the others 90.5 s, 300 s and 60 s.</item>
/// </list>
/// </summary>
public static class SmallWorld
{
    public const string Sql = """
        insert into courses (name, slug) values ('Learning Git', 'learning-git'), ('Café & C#', 'cafe-c-sharp'), ('Once', 'once'), ('Moved', 'moved');
        insert into exams (course_id, base_exam_id) values (1, 'git-a'), (1, 'git-b'), (2, 'example-id'), (3, 'once'), (4, 'moved');
        insert into items (exam_id, question_id) values (1, 'q1'), (1, 'q2');
        insert into exam_totals (exam_id, messages, redeliveries, attempts, unnamed_attempts, certifications) values
          (1, 5, 2, 3, 2, 1), (2, 2, 0, 2, 0, 0), (3, 1, 0, 1, 1, 0), (4, 2, 0, 1, 0, 0), (5, 1, 0, 0, 0, 0);
        update exam_totals set stated_attempts = 3, stated_questions = 15, incomplete_questions = 2, unanswered_questions = 5, complete_attempts = 1 where exam_id = 1;
        update exam_totals set stated_attempts = 1, stated_questions = 3, complete_attempts = 1 where exam_id = 4;
        insert into exam_scores (exam_id, total, correct, messages, attempts) values
          (1, 5, 5, 3, 1), (1, 5, 3, 1, 1), (1, 5, 0, 1, 1), (2, 4, 3, 1, 1), (4, 3, 1, 1, 1), (4, 3, 2, 1, 0), (5, 10, 10, 1, 0);
        insert into course_users (course_id, user_id, attempts) values (0, 'u1', 4), (1, 'u1', 3), (3, 'u1', 1);
        insert into course_user_totals (course_id, users, repeat_takers) values (0, 1, 1), (1, 1, 1), (3, 1, 0);
        insert into attempts (user_exam_id, keen_id, version, exam_id, started_at, certification) values
          ('a1', 'k1', 1, 1, '2018-01-01T10:00:00Z', true), ('a2', 'k2', 1, 1, '2018-01-02T10:00:00Z', false),
          ('a3', 'k3', 1, 1, '2018-01-03T10:00:00Z', false), ('a4', 'k4', 1, 2, '2017-12-31T23:59:59.5Z', false),
          ('a5', 'k5', 1, 2, null, false), ('a6', 'k6', 1, 3, '2018-02-01T00:00:00Z', false), ('a7', 'k7', 1, 4, '2018-01-04T10:00:00Z', false);
        insert into start_days (exam_id, day, quarters, messages, attempts) values
          (1, '2018-01-01', '{40}', '{3}', '{1}'), (1, '2018-01-02', '{40}', '{1}', '{1}'), (1, '2018-01-03', '{40}', '{1}', '{1}'),
          (2, '2017-12-31', '{95}', '{1}', '{1}'), (3, '2018-02-01', '{0}', '{1}', '{1}'), (4, '2018-01-04', '{40}', '{2}', '{1}'),
          (5, '2018-03-25', '{3}', '{1}', '{0}'),
          (0, '2018-01-01', '{40}', '{3}', '{1}'), (0, '2018-01-02', '{40}', '{1}', '{1}'), (0, '2018-01-03', '{40}', '{1}', '{1}'),
          (0, '2017-12-31', '{92}', '{1}', '{1}'), (0, '2018-02-01', '{0}', '{1}', '{1}'), (0, '2018-01-04', '{40}', '{2}', '{1}'),
          (0, '2018-03-25', '{0}', '{1}', '{0}');
        insert into exam_durations (exam_id, seconds, messages, attempts, message_microseconds, attempt_microseconds) values
          (1, 90, 3, 1, 271500000, 90500000), (1, 300, 1, 1, 300000000, 300000000), (1, -1, 1, 1, -30000000, -30000000),
          (2, 86400, 1, 1, 90000000000, 90000000000), (4, 60, 2, 1, 120000000, 60000000);
        insert into ingest_partitions (topic, topic_id, partition, next_offset, messages, dead_letters) values
          ('assessment-attempts', 'T', 0, 7, 6, 1), ('assessment-attempts', 'T', 1, 5, 5, 0);
        """;
}
