-- Starts by hour, for each exam and (exam_id 0) for all: where a clock differs from UTC by whole hours, series come from these few rows
-- and cost as much as the time that they span, however many attempts there are.

-- The workers are still: what they write is either seen below or counted by them.
lock table attempts in exclusive mode;

create table start_hours (
  exam_id integer not null,
  hour timestamptz not null,
  messages bigint not null default 0,
  attempts bigint not null default 0,
  primary key (exam_id, hour)
) with (fillfactor = 70);

insert into start_hours (exam_id, hour, messages, attempts)
select coalesce(exam_id, 0), date_trunc('hour', quarter, 'UTC') as hour, sum(messages), sum(attempts)
from exam_starts
group by grouping sets ((exam_id, hour), (hour));
