-- Which of a student's attempts at an exam is the first, the best, the last: defined here for SQL, REST and pages alike. An attempt that names no user is its
-- student's only one. Of those with the same start, or with none, the smaller user_exam_id is the earlier; an attempt without a start is neither first nor last
-- where another has one, and one without a score is not the best where another has one.
create view first_attempts as
  select event_id as attempt_id
  from events
  where is_newest and not exists (
    select from events as other
    where other.is_newest and other.user_id = events.user_id and other.exam_id = events.exam_id
      and (coalesce(other.started_at, 'infinity'), other.user_exam_id) < (coalesce(events.started_at, 'infinity'), events.user_exam_id));

create view best_attempts as
  select event_id as attempt_id
  from events
  where is_newest and not exists (
    select from events as other
    where other.is_newest and other.user_id = events.user_id and other.exam_id = events.exam_id
      and (-coalesce(other.correct::float8 / nullif(other.total, 0), -1), coalesce(other.started_at, 'infinity'), other.user_exam_id)
        < (-coalesce(events.correct::float8 / nullif(events.total, 0), -1), coalesce(events.started_at, 'infinity'), events.user_exam_id));

create view last_attempts as
  select event_id as attempt_id
  from events
  where is_newest and not exists (
    select from events as other
    where other.is_newest and other.user_id = events.user_id and other.exam_id = events.exam_id
      and (coalesce(other.started_at, '-infinity'), other.user_exam_id) > (coalesce(events.started_at, '-infinity'), events.user_exam_id));

create or replace view attempts as
  select event_id as attempt_id, user_exam_id, keen_id, version, exam_id, exam_version_id, user_id, created_at, started_at, ended_at, certification,
    max_attempts, sequence_id, attempt_number, total::integer, correct::integer, incorrect::integer, incomplete::integer, submitted::integer,
    unanswered::integer, all_correct, implausible_start, implausible_counts, redeliveries, ingest_transaction
  from events
  where is_newest;

-- Of each exam, by the index over exams and starts.
create view exam_bounds as
  select exam_id, (select min(started_at) from attempts where attempts.exam_id = exams.exam_id) as first_start,
    (select max(started_at) from attempts where attempts.exam_id = exams.exam_id) as last_start
  from exams;

create or replace view activity.attempts as
  select user_exam_id, name course, slug course_slug, base_exam_id, coalesce(user_id, user_exam_id) student, user_id, keen_id,
    created_at, started_at, ended_at, (extract(epoch from ended_at - started_at))::float8 duration_seconds,
    (correct * 100::numeric / nullif(total, 0))::float8 score, total, correct, incorrect, incomplete, submitted, unanswered, all_correct,
    certification, max_attempts, sequence_id, attempt_number, implausible_start, implausible_counts, exam_versions.version exam_version,
    exists (select from public.first_attempts where first_attempts.attempt_id = attempts.attempt_id) is_first,
    exists (select from public.best_attempts where best_attempts.attempt_id = attempts.attempt_id) is_best,
    exists (select from public.last_attempts where last_attempts.attempt_id = attempts.attempt_id) is_last
  from public.attempts join public.exams using (exam_id) join public.courses using (course_id)
    left join public.exam_versions on exam_versions.exam_version_id = attempts.exam_version_id;
comment on column activity.attempts.is_first is 'Whether it is the first of its student''s attempts at the exam, by start.';
comment on column activity.attempts.is_best is 'Whether it is the best of them: the highest score, of as many the earlier.';
comment on column activity.attempts.is_last is 'Whether it is the last of them, by start.';
