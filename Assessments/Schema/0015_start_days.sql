-- Starts by quarter of an hour are nearly a row for each attempt. Now a row has a day's quarters as parallel arrays, so that ingest, which gets attempts by day,
-- writes a few rows for thousands of them. The views exam_starts and start_hours take them apart.

-- The workers are still: what they write is either seen below or counted by them.
lock table attempts in exclusive mode;

drop view activity.start_counts;
alter table exam_starts rename to starts_before;

create table start_days (
  exam_id integer not null,                      -- 0 for all exams, whose quarters are whole hours
  day date not null,                             -- UTC
  quarters integer[] not null,                   -- of an hour, from 0 to 95, in order
  messages integer[] not null,
  attempts integer[] not null,
  primary key (exam_id, day)
) with (fillfactor = 70);

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

drop table starts_before, start_hours;

create view exam_starts as
  select exam_id, day, (day + quarter * interval '15 minutes') at time zone 'UTC' as quarter, start.messages, start.attempts
  from start_days cross join lateral unnest(quarters, messages, attempts) as start (quarter, messages, attempts)
  where exam_id <> 0;

-- Of all exams: enough where a clock differs from UTC by whole hours.
create view start_hours as
  select day, (day + quarter * interval '15 minutes') at time zone 'UTC' as hour, start.messages, start.attempts
  from start_days cross join lateral unnest(quarters, messages, attempts) as start (quarter, messages, attempts)
  where exam_id = 0;

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
