-- What people ask by SQL: views with names where the tables have ids. The comments are the documentation, and GET /api/schema tells them.
-- They run as their owner, so who may read them need not see the tables.

do $$
begin
  -- "if not exists" would ask for the right to create schemas even where a DBA has made it.
  if to_regnamespace('activity') is null then
    create schema activity;
  end if;
end
$$;
comment on schema activity is 'Views for questions by SQL.';

create view activity.totals as
  select coalesce(sum(messages), 0)::bigint messages, coalesce(sum(redeliveries), 0)::bigint redeliveries, coalesce(sum(attempts), 0)::bigint attempts,
    (coalesce(sum(unnamed_attempts), 0) + coalesce((select users from public.course_user_totals where course_id = 0), 0))::bigint students,
    count(distinct course_id) courses, count(*) exams, coalesce(sum(certifications), 0)::bigint certifications
  from public.exam_totals join public.exams using (exam_id)
  where messages > 0;
comment on view activity.totals is 'Everything in one row, from the rollups: as cheap at thirty million attempts as at one.';
comment on column activity.totals.messages is 'Records that reached the tables, redeliveries included.';
comment on column activity.totals.redeliveries is 'Messages whose keen_id had come before.';
comment on column activity.totals.attempts is 'Distinct user_exam_ids.';
comment on column activity.totals.students is 'Distinct users, and one more for each attempt that names none.';
comment on column activity.totals.courses is 'Distinct course names.';
comment on column activity.totals.exams is 'Distinct exam ids within their courses.';
comment on column activity.totals.certifications is 'Attempts taken for certification.';

create view activity.courses as
  with figures as (
    select course_id, count(*) exams, sum(messages) messages, sum(redeliveries) redeliveries, sum(attempts) attempts,
      sum(unnamed_attempts) unnamed, sum(certifications) certifications
    from public.exam_totals join public.exams using (exam_id)
    where messages > 0
    group by course_id),
  scores as (
    select course_id,
      sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
      sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
      sum(attempts) filter (where correct * 100 > 70 * total) passed
    from public.exam_scores join public.exams using (exam_id)
    where total > 0
    group by course_id)
  select name course, slug course_slug, messages::bigint messages, redeliveries::bigint redeliveries, attempts::bigint attempts,
    (unnamed + coalesce(users, 0))::bigint students, exams, certifications::bigint certifications,
    per_message::float8 mean_score, per_attempt::float8 mean_score_per_attempt, coalesce(passed, 0)::bigint passed
  from public.courses
    join figures using (course_id)
    left join scores using (course_id)
    left join public.course_user_totals using (course_id);
comment on view activity.courses is 'A course and its headline figures, from the rollups.';
comment on column activity.courses.course is 'Name of the course; empty where the events have none.';
comment on column activity.courses.course_slug is 'The name of the course in addresses.';
comment on column activity.courses.messages is 'Records that reached the tables, redeliveries included.';
comment on column activity.courses.redeliveries is 'Messages whose keen_id had come before.';
comment on column activity.courses.attempts is 'Distinct user_exam_ids.';
comment on column activity.courses.students is 'Distinct users, and one more for each attempt that names none.';
comment on column activity.courses.exams is 'Distinct exam ids.';
comment on column activity.courses.certifications is 'Attempts taken for certification.';
comment on column activity.courses.mean_score is 'Mean score in percent over the messages that state their counts, as the published reports count.';
comment on column activity.courses.mean_score_per_attempt is 'Mean score in percent over the attempts that state their counts.';
comment on column activity.courses.passed is 'Attempts with a score over 70 %.';

create view activity.exams as
  select name course, slug course_slug, base_exam_id, messages, redeliveries, attempts, certifications,
    (select count(*) from public.items where items.exam_id = exams.exam_id) questions,
    per_message::float8 mean_score, per_attempt::float8 mean_score_per_attempt, coalesce(passed, 0)::bigint passed
  from public.courses
    join public.exams using (course_id)
    join public.exam_totals using (exam_id)
    left join (
      select exam_id,
        sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
        sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
        sum(attempts) filter (where correct * 100 > 70 * total) passed
      from public.exam_scores
      where total > 0
      group by exam_id) scores using (exam_id)
  where messages > 0;
comment on view activity.exams is 'An exam of a course and its headline figures, from the rollups.';
comment on column activity.exams.course is 'Name of the course; empty where the events have none.';
comment on column activity.exams.course_slug is 'The name of the course in addresses.';
comment on column activity.exams.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.exams.messages is 'Records that reached the tables, redeliveries included.';
comment on column activity.exams.redeliveries is 'Messages whose keen_id had come before.';
comment on column activity.exams.attempts is 'Distinct user_exam_ids.';
comment on column activity.exams.certifications is 'Attempts taken for certification.';
comment on column activity.exams.questions is 'Distinct questions seen.';
comment on column activity.exams.mean_score is 'Mean score in percent over the messages that state their counts.';
comment on column activity.exams.mean_score_per_attempt is 'Mean score in percent over the attempts that state their counts.';
comment on column activity.exams.passed is 'Attempts with a score over 70 %.';

create view activity.score_counts as
  select name course, slug course_slug, base_exam_id, total, correct, (correct * 100::numeric / nullif(total, 0))::float8 score, messages, attempts
  from public.exam_scores join public.exams using (exam_id) join public.courses using (course_id)
  where messages > 0;
comment on view activity.score_counts is 'How often each score came, by exam: exact means, quantiles and pass rates from few rows.';
comment on column activity.score_counts.course is 'Name of the course; empty where the events have none.';
comment on column activity.score_counts.course_slug is 'The name of the course in addresses.';
comment on column activity.score_counts.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.score_counts.total is 'Questions, as the events count.';
comment on column activity.score_counts.correct is 'Questions answered correctly, as the events count.';
comment on column activity.score_counts.score is 'correct of total in percent; null where total is 0.';
comment on column activity.score_counts.messages is 'Messages with this score.';
comment on column activity.score_counts.attempts is 'Attempts whose newest event has this score.';

create view activity.start_counts as
  select name course, slug course_slug, base_exam_id, quarter, messages, attempts
  from public.exam_starts join public.exams using (exam_id) join public.courses using (course_id)
  where messages > 0;
comment on view activity.start_counts is 'How many started in each quarter of an hour, by exam: enough for every time zone.';
comment on column activity.start_counts.course is 'Name of the course; empty where the events have none.';
comment on column activity.start_counts.course_slug is 'The name of the course in addresses.';
comment on column activity.start_counts.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.start_counts.quarter is 'Begin of the quarter of an hour.';
comment on column activity.start_counts.messages is 'Messages whose started_at lies in it.';
comment on column activity.start_counts.attempts is 'Attempts whose started_at lies in it.';

create view activity.duration_counts as
  select name course, slug course_slug, base_exam_id, seconds, messages, attempts, message_microseconds, attempt_microseconds
  from public.exam_durations join public.exams using (exam_id) join public.courses using (course_id)
  where messages > 0;
comment on view activity.duration_counts is 'How many took so many seconds, by exam.';
comment on column activity.duration_counts.course is 'Name of the course; empty where the events have none.';
comment on column activity.duration_counts.course_slug is 'The name of the course in addresses.';
comment on column activity.duration_counts.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.duration_counts.seconds is 'Whole seconds from started_at to ended_at; -1 for all negative ones, 86400 for a day and more.';
comment on column activity.duration_counts.messages is 'Messages that took so long.';
comment on column activity.duration_counts.attempts is 'Attempts that took so long.';
comment on column activity.duration_counts.message_microseconds is 'Their durations summed over the messages, exactly.';
comment on column activity.duration_counts.attempt_microseconds is 'Their durations summed over the attempts, exactly.';

create view activity.attempts as
  select user_exam_id, name course, slug course_slug, base_exam_id, coalesce(user_id, user_exam_id) student, user_id, keen_id,
    created_at, started_at, ended_at, (extract(epoch from ended_at - started_at))::float8 duration_seconds,
    (correct * 100::numeric / nullif(total, 0))::float8 score, total, correct, incorrect, incomplete, submitted, unanswered, all_correct,
    certification, max_attempts, sequence_id, attempt_number
  from public.attempts join public.exams using (exam_id) join public.courses using (course_id);
comment on view activity.attempts is 'An attempt (a user_exam_id), made of its newest event.';
comment on column activity.attempts.user_exam_id is 'Id of the attempt.';
comment on column activity.attempts.course is 'Name of the course; empty where the events have none.';
comment on column activity.attempts.course_slug is 'The name of the course in addresses.';
comment on column activity.attempts.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.attempts.student is 'The user where the event names one, else the attempt itself.';
comment on column activity.attempts.user_id is 'The user; null where the event names none.';
comment on column activity.attempts.keen_id is 'Id of the newest event.';
comment on column activity.attempts.created_at is 'When the event was recorded.';
comment on column activity.attempts.started_at is 'When the attempt began.';
comment on column activity.attempts.ended_at is 'When the last option was touched.';
comment on column activity.attempts.duration_seconds is 'From started_at to ended_at; negative and day-long ones are in the data.';
comment on column activity.attempts.score is 'correct of total in percent; null where the event has no counts.';
comment on column activity.attempts.total is 'Questions, as the event counts.';
comment on column activity.attempts.correct is 'Questions answered correctly.';
comment on column activity.attempts.incorrect is 'Questions answered wrongly.';
comment on column activity.attempts.incomplete is 'Questions answered in part.';
comment on column activity.attempts.submitted is 'Questions submitted.';
comment on column activity.attempts.unanswered is 'Questions left out.';
comment on column activity.attempts.all_correct is 'Whether every question was answered correctly.';
comment on column activity.attempts.certification is 'Whether the attempt was taken for certification.';
comment on column activity.attempts.max_attempts is 'How often the exam may be taken.';
comment on column activity.attempts.sequence_id is 'Id of the sequence of questions.';
comment on column activity.attempts.attempt_number is 'The how manieth attempt of its user, as the event counts.';

create view activity.events as
  select keen_id, user_exam_id, 1 + redeliveries messages, redeliveries
  from public.events;
comment on view activity.events is 'An event (a keen_id), with how often it was delivered.';
comment on column activity.events.keen_id is 'Id of the event.';
comment on column activity.events.user_exam_id is 'Id of the attempt that it tells of.';
comment on column activity.events.messages is 'How often it came.';
comment on column activity.events.redeliveries is 'How often it came again.';

create view activity.questions as
  select name course, slug course_slug, base_exam_id, question_id,
    (select count(*) from public.item_options where item_options.item_id = items.item_id) options
  from public.items join public.exams using (exam_id) join public.courses using (course_id);
comment on view activity.questions is 'A question of an exam.';
comment on column activity.questions.course is 'Name of the course; empty where the events have none.';
comment on column activity.questions.course_slug is 'The name of the course in addresses.';
comment on column activity.questions.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.questions.question_id is 'Id of the question; empty where it has none.';
comment on column activity.questions.options is 'Distinct options seen.';

create view activity.options as
  select name course, slug course_slug, base_exam_id, question_id, option_id, is_correct
  from public.item_options join public.items using (item_id) join public.exams using (exam_id) join public.courses using (course_id);
comment on view activity.options is 'An option of a question.';
comment on column activity.options.course is 'Name of the course; empty where the events have none.';
comment on column activity.options.course_slug is 'The name of the course in addresses.';
comment on column activity.options.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.options.question_id is 'Id of the question; empty where it has none.';
comment on column activity.options.option_id is 'Id of the option; empty where it has none.';
comment on column activity.options.is_correct is 'Whether choosing it is right.';

create view activity.answers as
  select user_exam_id, name course, slug course_slug, base_exam_id, question_id, position, coalesce(user_id, user_exam_id) student, started_at,
    user_result result, user_correct correct, user_incomplete incomplete, user_submitted submitted,
    (select max(at) from unnest(answered_at) times (at)) answered_at, cardinality(item_option_ids) options,
    cardinality(array_positions(checked, true)) options_checked
  from public.answers
    join public.attempts using (attempt_id)
    join public.items using (item_id)
    join public.exams on exams.exam_id = items.exam_id
    join public.courses using (course_id);
comment on view activity.answers is 'A question of an attempt and how it was answered.';
comment on column activity.answers.user_exam_id is 'Id of the attempt.';
comment on column activity.answers.course is 'Name of the course; empty where the events have none.';
comment on column activity.answers.course_slug is 'The name of the course in addresses.';
comment on column activity.answers.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.answers.question_id is 'Id of the question; empty where it has none.';
comment on column activity.answers.position is 'Its place in the attempt, from 0.';
comment on column activity.answers.student is 'The user where the event names one, else the attempt itself.';
comment on column activity.answers.started_at is 'When the attempt began.';
comment on column activity.answers.result is 'correct, incorrect, missed_some or unanswered.';
comment on column activity.answers.correct is 'Whether the answer is right.';
comment on column activity.answers.incomplete is 'Whether the answer is in part.';
comment on column activity.answers.submitted is 'Whether the answer was submitted.';
comment on column activity.answers.answered_at is 'When its last option was touched.';
comment on column activity.answers.options is 'How many options were shown.';
comment on column activity.answers.options_checked is 'How many options were checked.';

create view activity.answer_options as
  select user_exam_id, name course, slug course_slug, base_exam_id, question_id, position, option_id, ordinal - 1 option_position, is_correct,
    shown.checked, shown.submitted, shown.answered_at
  from public.answers
    join public.attempts using (attempt_id)
    join public.items using (item_id)
    join public.exams on exams.exam_id = items.exam_id
    join public.courses using (course_id)
    cross join unnest(answers.item_option_ids, answers.checked, answers.submitted, answers.answered_at) with ordinality shown (item_option_id, checked, submitted, answered_at, ordinal)
    join public.item_options on item_options.item_option_id = shown.item_option_id;
comment on view activity.answer_options is 'An option of an answer, and whether it was checked.';
comment on column activity.answer_options.user_exam_id is 'Id of the attempt.';
comment on column activity.answer_options.course is 'Name of the course; empty where the events have none.';
comment on column activity.answer_options.course_slug is 'The name of the course in addresses.';
comment on column activity.answer_options.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.answer_options.question_id is 'Id of the question; empty where it has none.';
comment on column activity.answer_options.position is 'Place of the question in the attempt, from 0.';
comment on column activity.answer_options.option_id is 'Id of the option; empty where it has none.';
comment on column activity.answer_options.option_position is 'Place of the option in the question, from 0.';
comment on column activity.answer_options.is_correct is 'Whether choosing it is right.';
comment on column activity.answer_options.checked is 'Whether it was checked.';
comment on column activity.answer_options.submitted is 'Whether it was submitted.';
comment on column activity.answer_options.answered_at is 'When it was touched; null where it was not.';
