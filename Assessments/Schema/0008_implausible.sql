-- Counts and starts that can't be are kept apart as they were said, so that no sum, score or time answer meets them. Plausible counts are from 0
-- to 32767, and none is over the total. A plausible start is from 2000 on, at most 366 days after its event's own time, and at most a day after now; an own
-- time before 2000 says nothing. Ingest.Worker/Merge/Plausibility.cs is the same for what comes from now on.

-- The workers are still: what they write is either seen below or counted by them.
lock table attempts in exclusive mode;

alter table attempts
  add implausible_start timestamptz,             -- the start as it was said, where started_at is null for it
  add implausible_counts jsonb;                  -- the counts as they were said, where total to unanswered are null for them

alter table exam_totals
  add implausible_count_messages bigint not null default 0,
  add implausible_count_attempts bigint not null default 0,
  add implausible_start_messages bigint not null default 0,
  add implausible_start_attempts bigint not null default 0;

create temporary table implausible on commit drop as
select *
from (
  select attempt_id, exam_id, total, correct, incorrect, incomplete, submitted, unanswered, started_at, ended_at,
    (select 1 + coalesce(sum(redeliveries), 0) from events where events.keen_id = attempts.keen_id) as messages,
    not (coalesce(total, 0) between 0 and 32767
      and coalesce(correct, 0) between 0 and coalesce(total, 32767)
      and coalesce(incorrect, 0) between 0 and coalesce(total, 32767)
      and coalesce(incomplete, 0) between 0 and coalesce(total, 32767)
      and coalesce(submitted, 0) between 0 and coalesce(total, 32767)
      and coalesce(unanswered, 0) between 0 and coalesce(total, 32767)) as has_counts,
    coalesce(
      started_at < '2000-01-01Z'
        or started_at > least(case when version >= 9466848000000000 then timestamptz 'epoch' + version / 10 * interval '1 microsecond' + interval '8784 hours' end, now() + interval '24 hours'),
      false) as has_start
  from attempts) as judged
where has_counts or has_start;

update attempts set
  implausible_counts = jsonb_strip_nulls(jsonb_build_object(
    'total', attempts.total, 'correct', attempts.correct, 'incorrect', attempts.incorrect,
    'incomplete', attempts.incomplete, 'submitted', attempts.submitted, 'unanswered', attempts.unanswered)),
  total = null, correct = null, incorrect = null, incomplete = null, submitted = null, unanswered = null
from implausible
where attempts.attempt_id = implausible.attempt_id and has_counts;

update attempts set implausible_start = attempts.started_at, started_at = null
from implausible
where attempts.attempt_id = implausible.attempt_id and has_start;

-- Of the messages only those of the newest events are known one by one; of the others, whatever is implausible by its key alone goes too.
update exam_scores set messages = greatest(exam_scores.messages - gone.messages, 0), attempts = exam_scores.attempts - gone.attempts
from (
  select exam_id, total, correct, sum(messages) as messages, count(*) as attempts
  from implausible
  where has_counts and total is not null and correct is not null
  group by exam_id, total, correct) as gone
where (exam_scores.exam_id, exam_scores.total, exam_scores.correct) = (gone.exam_id, gone.total, gone.correct);

with gone as (
  delete from exam_scores where total not between 0 and 32767 or correct not between 0 and total returning exam_id, messages
), counted as (
  select exam_id, messages, 0 as attempts from gone
  union all
  select exam_id, messages, 1 from implausible where has_counts
)
update exam_totals set implausible_count_messages = sums.messages, implausible_count_attempts = sums.attempts
from (select exam_id, sum(messages) as messages, sum(attempts) as attempts from counted group by exam_id) as sums
where exam_totals.exam_id = sums.exam_id;

update exam_totals set
  stated_attempts = stated_attempts - gone.attempts,
  stated_questions = stated_questions - gone.questions,
  incomplete_questions = incomplete_questions - gone.incomplete,
  unanswered_questions = unanswered_questions - gone.unanswered,
  complete_attempts = complete_attempts - gone.complete
from (
  select exam_id, count(*) as attempts, sum(total) as questions, sum(incomplete) as incomplete, sum(unanswered) as unanswered,
    count(*) filter (where incomplete = 0 and unanswered = 0) as complete
  from implausible
  where has_counts and total is not null and incomplete is not null and unanswered is not null
  group by exam_id) as gone
where exam_totals.exam_id = gone.exam_id;

update exam_starts set messages = greatest(exam_starts.messages - gone.messages, 0), attempts = exam_starts.attempts - gone.attempts
from (
  select exam_id, date_bin('15 minutes', started_at, '2000-01-01Z') as quarter, sum(messages) as messages, count(*) as attempts
  from implausible
  where has_start
  group by 1, 2) as gone
where (exam_starts.exam_id, exam_starts.quarter) = (gone.exam_id, gone.quarter);

with gone as (
  delete from exam_starts where quarter < '2000-01-01Z' or quarter > now() + interval '24 hours' returning exam_id, messages
), counted as (
  select exam_id, messages, 0 as attempts from gone
  union all
  select exam_id, messages, 1 from implausible where has_start
)
update exam_totals set implausible_start_messages = sums.messages, implausible_start_attempts = sums.attempts
from (select exam_id, sum(messages) as messages, sum(attempts) as attempts from counted group by exam_id) as sums
where exam_totals.exam_id = sums.exam_id;

delete from start_hours;

insert into start_hours (exam_id, hour, messages, attempts)
select coalesce(exam_id, 0), date_trunc('hour', quarter, 'UTC') as hour, sum(messages), sum(attempts)
from exam_starts
group by grouping sets ((exam_id, hour), (hour));

update exam_durations set
  messages = greatest(exam_durations.messages - gone.messages, 0),
  attempts = exam_durations.attempts - gone.attempts,
  message_microseconds = exam_durations.message_microseconds - gone.message_microseconds,
  attempt_microseconds = exam_durations.attempt_microseconds - gone.attempt_microseconds
from (
  select exam_id, case when ended_at < started_at then -1 else least(86400, floor(extract(epoch from ended_at - started_at)))::int end as seconds,
    sum(messages) as messages, count(*) as attempts,
    sum(messages * extract(epoch from ended_at - started_at) * 1000000) as message_microseconds,
    sum(extract(epoch from ended_at - started_at) * 1000000) as attempt_microseconds
  from implausible
  where has_start and ended_at is not null
  group by 1, 2) as gone
where (exam_durations.exam_id, exam_durations.seconds) = (gone.exam_id, gone.seconds);

create or replace view activity.totals as
  select coalesce(sum(messages), 0)::bigint messages, coalesce(sum(redeliveries), 0)::bigint redeliveries, coalesce(sum(attempts), 0)::bigint attempts,
    (coalesce(sum(unnamed_attempts), 0) + coalesce((select users from public.course_user_totals where course_id = 0), 0))::bigint students,
    count(distinct course_id) courses, count(*) exams, coalesce(sum(certifications), 0)::bigint certifications,
    coalesce(sum(implausible_count_attempts), 0)::bigint implausible_counts, coalesce(sum(implausible_start_attempts), 0)::bigint implausible_starts
  from public.exam_totals join public.exams using (exam_id)
  where messages > 0;
comment on column activity.totals.implausible_counts is 'Attempts whose counts can''t be: kept, and left out of every score.';
comment on column activity.totals.implausible_starts is 'Attempts whose start can''t be: kept, and left out of every answer about time.';

create or replace view activity.attempts as
  select user_exam_id, name course, slug course_slug, base_exam_id, coalesce(user_id, user_exam_id) student, user_id, keen_id,
    created_at, started_at, ended_at, (extract(epoch from ended_at - started_at))::float8 duration_seconds,
    (correct * 100::numeric / nullif(total, 0))::float8 score, total, correct, incorrect, incomplete, submitted, unanswered, all_correct,
    certification, max_attempts, sequence_id, attempt_number, implausible_start, implausible_counts
  from public.attempts join public.exams using (exam_id) join public.courses using (course_id);
comment on column activity.attempts.started_at is 'When the attempt began; null where the event says nothing plausible.';
comment on column activity.attempts.total is 'Questions, as the event counts; this and the other counts are null where the event says nothing plausible.';
comment on column activity.attempts.implausible_start is 'The start as the event says it, where it can''t be: before 2000, over a year after the event''s own time, or over a day after it was recorded.';
comment on column activity.attempts.implausible_counts is 'The counts as the event says them, where they can''t be: one is negative, over the total or over 32767.';
