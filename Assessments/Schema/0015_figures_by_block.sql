-- Starts by quarter of an hour and durations by second are nearly a row for each attempt. Now a row has a day's quarters as parallel arrays, or all seconds that a
-- batch brings, so that ingest writes a few rows for thousands of attempts. The views exam_starts, start_hours and exam_durations take them apart.

-- The workers are still: what they write is either seen below or counted by them.
lock table attempts in exclusive mode;

drop view activity.start_counts, activity.duration_counts;
alter table exam_starts rename to starts_before;
alter table exam_durations rename to durations_before;

create table start_days (
  exam_id integer not null,                      -- 0 for all exams, whose quarters are whole hours
  day date not null,                             -- UTC
  quarters integer[] not null,                   -- of an hour, from 0 to 95, in order
  messages integer[] not null,
  attempts integer[] not null,
  primary key (exam_id, day)
) with (fillfactor = 70);

-- Seconds from started_at to ended_at: -1 stands for a negative duration, 86400 for a day and more. An exam's durations are the sum of its few runs: each batch
-- adds one, and ingest makes one of them when there are many.
create table duration_runs (
  run_id bigint generated always as identity primary key,
  exam_id integer not null references exams,
  seconds integer[] not null,                    -- in order
  messages bigint[] not null,
  attempts bigint[] not null,
  message_microseconds numeric[] not null,       -- the durations summed up
  attempt_microseconds numeric[] not null
);
create index duration_runs_by_exam on duration_runs (exam_id);

set local work_mem = '256MB';

insert into start_days (exam_id, day, quarters, messages, attempts)
select exam_id, day, array_agg(place order by place), array_agg(messages::integer order by place), array_agg(attempts::integer order by place)
from (
  select exam_id, (quarter at time zone 'UTC')::date as day, (extract(epoch from quarter)::bigint % 86400 / 900)::integer as place, messages, attempts
  from starts_before
  union all
  select 0, (hour at time zone 'UTC')::date, (extract(epoch from hour)::bigint % 86400 / 900)::integer, messages, attempts
  from start_hours where exam_id = 0) as starts
where (messages, attempts) <> (0, 0)
group by exam_id, day;

insert into duration_runs (exam_id, seconds, messages, attempts, message_microseconds, attempt_microseconds)
select exam_id, array_agg(seconds order by seconds), array_agg(messages order by seconds), array_agg(attempts order by seconds),
  array_agg(message_microseconds order by seconds), array_agg(attempt_microseconds order by seconds)
from durations_before
where (messages, attempts) <> (0, 0)
group by exam_id;

drop table starts_before, durations_before, start_hours;

create view exam_starts as
  select exam_id, day, (day + quarter * interval '15 minutes') at time zone 'UTC' as quarter, start.messages, start.attempts
  from start_days cross join lateral unnest(quarters, messages, attempts) as start (quarter, messages, attempts)
  where exam_id <> 0;

-- Of all exams: enough where a clock differs from UTC by whole hours.
create view start_hours as
  select day, (day + quarter * interval '15 minutes') at time zone 'UTC' as hour, start.messages, start.attempts
  from start_days cross join lateral unnest(quarters, messages, attempts) as start (quarter, messages, attempts)
  where exam_id = 0;

create view exam_durations as
  select exam_id, duration.seconds, sum(duration.messages)::bigint as messages, sum(duration.attempts)::bigint as attempts,
    sum(duration.message_microseconds) as message_microseconds, sum(duration.attempt_microseconds) as attempt_microseconds
  from duration_runs
    cross join lateral unnest(seconds, messages, attempts, message_microseconds, attempt_microseconds)
      as duration (seconds, messages, attempts, message_microseconds, attempt_microseconds)
  group by exam_id, duration.seconds
  having (sum(duration.messages), sum(duration.attempts)) <> (0, 0);

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
