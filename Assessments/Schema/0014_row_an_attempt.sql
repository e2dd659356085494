-- One row an attempt, with its answers as arrays: a row of its own for each answer and for each event cost four times as much to write.
-- A row of events is one keen_id; the newest of an attempt holds what the attempt is, the others only that they came. A single table has both, so that
-- one unique index knows every keen_id. The views attempts and answers are for reading.

-- The workers are still: what they write is either seen below or comes after.
lock table attempts in exclusive mode;

drop view activity.attempts, activity.events, activity.answers, activity.answer_options, activity.exam_versions;
alter table attempts rename to attempts_before;
alter table answers rename to answers_before;
alter table events rename to events_before;

create table events (
  event_id bigint generated always as identity,
  version bigint not null,                       -- its keen_timestamp in 100 ns since 1970; on a tie the greater keen_id wins
  content_hash bigint,                           -- XXH64 of the record's value
  kafka_offset bigint,
  created_at timestamptz,                        -- keen_created_at; this and all that follows but keys and places only of an attempt's newest event
  started_at timestamptz,
  ended_at timestamptz,                          -- the last option's at
  implausible_start timestamptz,                 -- the start as it was said, where started_at is null for it
  place_id integer,                              -- of ingest_partitions
  redeliveries integer not null default 0,
  exam_id integer,
  exam_version_id integer,                       -- null where it was shown no question
  max_attempts integer,
  attempt_number integer,
  total smallint,
  correct smallint,
  incorrect smallint,
  incomplete smallint,
  submitted smallint,
  unanswered smallint,
  is_newest boolean not null default true,
  certification boolean,
  all_correct boolean,
  keen_id text collate "C" not null,
  user_exam_id text collate "C" not null,        -- a distributed database is distributed by it
  user_id text collate "C",
  sequence_id text collate "C",
  implausible_counts jsonb,                      -- the counts as they were said, where total to unanswered are null for them
  -- The questions in the order in which they were shown, as parallel arrays; the options of all of them one after another, as parallel arrays too.
  item_ids integer[],
  results smallint[],                            -- see the view answers
  other_results text[],                          -- user_result where it is none of the four words; null where all are
  option_ends integer[],                         -- how many options there are up to and with this question's
  item_option_ids integer[],
  option_marks bytea,                            -- a byte an option: checked plus three times submitted, each 0 null, 1 false, 2 true
  answered_at timestamptz[]                      -- null where no option has a time
);

create view attempts as
  select event_id as attempt_id, user_exam_id, keen_id, version, exam_id, exam_version_id, user_id, created_at, started_at, ended_at, certification,
    max_attempts, sequence_id, attempt_number, total::integer, correct::integer, incorrect::integer, incomplete::integer, submitted::integer,
    unanswered::integer, all_correct, implausible_start, implausible_counts, redeliveries
  from events
  where is_newest;

-- A result is, from its lowest bit, user_result in three bits (null, correct, incorrect, missed_some, unanswered, another word), then user_correct,
-- user_incomplete and user_submitted in two bits each (0 null, 1 false, 2 true).
create view answers as
  select event_id as attempt_id, user_exam_id, user_id, exam_id, exam_version_id, started_at, (place - 1)::smallint as position, item_id,
    case when result & 7 = 5 then other_results[place] else ('{correct,incorrect,missed_some,unanswered}'::text[])[result & 7] end as user_result,
    case result >> 3 & 3 when 1 then false when 2 then true end as user_correct,
    case result >> 5 & 3 when 1 then false when 2 then true end as user_incomplete,
    case result >> 7 & 3 when 1 then false when 2 then true end as user_submitted,
    item_option_ids[option_begin + 1:option_end] as item_option_ids,
    array(select case get_byte(option_marks, i) % 3 when 1 then false when 2 then true end from generate_series(option_begin, option_end - 1) as i) as checked,
    array(select case get_byte(option_marks, i) / 3 when 1 then false when 2 then true end from generate_series(option_begin, option_end - 1) as i) as submitted,
    coalesce(
      answered_at[option_begin + 1:option_end], array(select null::timestamptz from generate_series(option_begin + 1, option_end))) as answered_at
  from events
    cross join lateral (
      select item_id, result, place, coalesce(option_ends[place - 1], 0) as option_begin, option_end
      from unnest(item_ids, results, option_ends) with ordinality as question (item_id, result, option_end, place)) as question
  where is_newest;

set local work_mem = '256MB';

insert into events (version, content_hash, kafka_offset, created_at, started_at, ended_at, implausible_start, place_id, redeliveries, exam_id,
  exam_version_id, max_attempts, attempt_number, total, correct, incorrect, incomplete, submitted, unanswered, certification, all_correct, keen_id,
  user_exam_id, user_id, sequence_id, implausible_counts, item_ids, results, other_results, option_ends, item_option_ids, option_marks, answered_at)
select version, content_hash, kafka_offset, created_at, started_at, ended_at, implausible_start, place_id, coalesce(redeliveries, 0), exam_id,
  exam_version_id, max_attempts, attempt_number, total, correct, incorrect, incomplete, submitted, unanswered, certification, all_correct, keen_id,
  user_exam_id, user_id, sequence_id, implausible_counts, coalesce(item_ids, '{}'), coalesce(results, '{}'), other_results, coalesce(option_ends, '{}'),
  coalesce(item_option_ids, '{}'), coalesce(option_marks, ''), answered_at
from attempts_before as attempts
  left join (select keen_id, content_hash, kafka_offset, place_id, redeliveries from events_before) as event using (keen_id)
  left join (
    select attempt_id, array_agg(item_id order by position) as item_ids,
      array_agg(
        (case when user_result is null then 0 else coalesce(array_position('{correct,incorrect,missed_some,unanswered}', user_result), 5) end
          + (case user_correct when true then 2 when false then 1 else 0 end << 3)
          + (case user_incomplete when true then 2 when false then 1 else 0 end << 5)
          + (case user_submitted when true then 2 when false then 1 else 0 end << 7))::smallint order by position) as results,
      case when bool_or(user_result not in ('correct', 'incorrect', 'missed_some', 'unanswered'))
        then array_agg(case when user_result not in ('correct', 'incorrect', 'missed_some', 'unanswered') then user_result end order by position) end
        as other_results,
      array_agg(option_end order by position) as option_ends
    from (
      select *, (sum(cardinality(item_option_ids)) over (partition by attempt_id order by position))::integer as option_end from answers_before) as question
    group by attempt_id) as questions using (attempt_id)
  left join (
    select attempt_id, array_agg(item_option_id order by position, place) as item_option_ids,
      string_agg(
        set_byte('\x00', 0, case checked when true then 2 when false then 1 else 0 end + 3 * case submitted when true then 2 when false then 1 else 0 end),
        '' order by position, place) as option_marks,
      case when count(at) > 0 then array_agg(at order by position, place) end as answered_at
    from (
      select attempt_id, position, option.*
      from answers_before
        cross join unnest(item_option_ids, checked, submitted, answered_at) with ordinality as option (item_option_id, checked, submitted, at, place)) as option
    group by attempt_id) as options using (attempt_id)
order by attempt_id;

insert into events (version, content_hash, kafka_offset, place_id, redeliveries, is_newest, keen_id, user_exam_id)
select coalesce(version, 0), content_hash, kafka_offset, place_id, redeliveries, false, keen_id, user_exam_id
from events_before left join older_events using (user_exam_id, keen_id)
where not exists (select from attempts_before where attempts_before.keen_id = events_before.keen_id);

drop table attempts_before, answers_before, events_before, older_events;

alter table events add primary key (event_id);
create unique index events_by_keen_id on events (keen_id);
create unique index events_by_attempt on events (user_exam_id) where is_newest;
create index events_by_older_attempt on events (user_exam_id, version) where not is_newest;
create index events_by_exam on events (exam_id, started_at) where is_newest;
create index events_by_start on events (started_at) where is_newest;
create index events_by_version on events (exam_version_id, started_at) where is_newest and exam_version_id is not null;
create index events_by_user on events (user_id) where is_newest and user_id is not null;

create view activity.attempts as
  select user_exam_id, name course, slug course_slug, base_exam_id, coalesce(user_id, user_exam_id) student, user_id, keen_id,
    created_at, started_at, ended_at, (extract(epoch from ended_at - started_at))::float8 duration_seconds,
    (correct * 100::numeric / nullif(total, 0))::float8 score, total, correct, incorrect, incomplete, submitted, unanswered, all_correct,
    certification, max_attempts, sequence_id, attempt_number, implausible_start, implausible_counts, exam_versions.version exam_version
  from public.attempts join public.exams using (exam_id) join public.courses using (course_id)
    left join public.exam_versions on exam_versions.exam_version_id = attempts.exam_version_id;
comment on view activity.attempts is 'An attempt (a user_exam_id), made of its newest event.';
comment on column activity.attempts.user_exam_id is 'Id of the attempt.';
comment on column activity.attempts.course is 'Name of the course; empty where the events have none.';
comment on column activity.attempts.course_slug is 'The name of the course in addresses.';
comment on column activity.attempts.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.attempts.student is 'The user where the event names one, else the attempt itself.';
comment on column activity.attempts.user_id is 'The user; null where the event names none.';
comment on column activity.attempts.keen_id is 'Id of the newest event.';
comment on column activity.attempts.created_at is 'When the event was recorded.';
comment on column activity.attempts.started_at is 'When the attempt began; null where the event says nothing plausible.';
comment on column activity.attempts.ended_at is 'When the last option was touched.';
comment on column activity.attempts.duration_seconds is 'From started_at to ended_at; negative and day-long ones are in the data.';
comment on column activity.attempts.score is 'correct of total in percent; null where the event has no counts.';
comment on column activity.attempts.total is 'Questions, as the event counts; this and the other counts are null where the event says nothing plausible.';
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
comment on column activity.attempts.implausible_start is 'The start as the event says it, where it can''t be: before 2000, over a year after the event''s own time, or over a day after it was recorded.';
comment on column activity.attempts.implausible_counts is 'The counts as the event says them, where they can''t be: one is negative, over the total or over 32767.';
comment on column activity.attempts.exam_version is 'Which version of the exam it is of, by the questions that it was shown; null where it was shown none.';

create view activity.events as
  select keen_id, user_exam_id, 1 + redeliveries messages, redeliveries
  from public.events;
comment on view activity.events is 'An event (a keen_id), with how often it was delivered.';
comment on column activity.events.keen_id is 'Id of the event.';
comment on column activity.events.user_exam_id is 'Id of the attempt that it tells of.';
comment on column activity.events.messages is 'How often it came.';
comment on column activity.events.redeliveries is 'How often it came again.';

create view activity.answers as
  select user_exam_id, name course, slug course_slug, base_exam_id, question_id, position, coalesce(user_id, user_exam_id) student, started_at,
    user_result result, user_correct correct, user_incomplete incomplete, user_submitted submitted,
    (select max(at) from unnest(answered_at) times (at)) answered_at, cardinality(item_option_ids) options,
    cardinality(array_positions(checked, true)) options_checked
  from public.answers
    join public.items using (item_id, exam_id)
    join public.exams using (exam_id)
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
    join public.items using (item_id, exam_id)
    join public.exams using (exam_id)
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
comment on column activity.answer_options.is_correct is 'Whether choosing it is right, by the newest event that shows the question and names a right option.';
comment on column activity.answer_options.checked is 'Whether it was checked.';
comment on column activity.answer_options.submitted is 'Whether it was submitted.';
comment on column activity.answer_options.answered_at is 'When it was touched; null where it was not.';

create view activity.exam_versions as
  select name course, slug course_slug, base_exam_id, version exam_version, cardinality(item_ids) questions, attempts,
    (select min(started_at) from public.attempts where attempts.exam_version_id = exam_versions.exam_version_id) first_start,
    (select max(started_at) from public.attempts where attempts.exam_version_id = exam_versions.exam_version_id) last_start
  from public.exam_versions join public.exams using (exam_id) join public.courses using (course_id)
  where attempts > 0;
comment on view activity.exam_versions is 'A version of an exam: a set of questions that attempts were shown, in whatever order.';
comment on column activity.exam_versions.course is 'Name of the course; empty where the events have none.';
comment on column activity.exam_versions.course_slug is 'The name of the course in addresses.';
comment on column activity.exam_versions.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.exam_versions.exam_version is 'Id of the version, made of its question ids.';
comment on column activity.exam_versions.questions is 'How many questions it has.';
comment on column activity.exam_versions.attempts is 'Attempts that were shown just these questions.';
comment on column activity.exam_versions.first_start is 'The first plausible start of these attempts; null where none has any.';
comment on column activity.exam_versions.last_start is 'The last of them.';
