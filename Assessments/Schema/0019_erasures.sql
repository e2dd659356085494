-- Who was erased, and the attempts that went with them: what comes of them later is passed over. A mark is a hash, so it names nobody.

-- The workers are still: what they write is either seen below or comes after.
lock table events in exclusive mode;

create table erasures (
  erasure_id bigint generated always as identity unique, -- in the order of commits: who erases locks the table
  kind text not null check (kind in ('student', 'attempt')),
  id_hash bytea not null,                        -- SHA-256 of the user_id or user_exam_id in UTF-8
  erased_at timestamptz not null default now(),
  primary key (kind, id_hash)
);

alter table ingest_partitions
  add erased bigint not null default 0;          -- records of erased attempts and students, and those that erase: they are in no table

alter table redeliveries
  add is_altered boolean not null default false; -- whether it has other bytes than the event had first

-- From now on an event keeps what it says when a newer one of its attempt comes: what it counts for, as a message, can be taken away again.
create index events_by_older_exam on events (exam_id) where not is_newest;
create index events_by_older_user on events (user_id) where not is_newest and user_id is not null;

-- option_marks: to checked plus three times submitted nine is added where the event does not name the option as right, eighteen where it does. Rows of before
-- have neither: which key they state is not known.
create or replace view answers as
  select event_id as attempt_id, user_exam_id, user_id, exam_id, exam_version_id, started_at, (place - 1)::smallint as position, item_id,
    case when result & 7 = 5 then other_results[place] else ('{correct,incorrect,missed_some,unanswered}'::text[])[result & 7] end as user_result,
    case result >> 3 & 3 when 1 then false when 2 then true end as user_correct,
    case result >> 5 & 3 when 1 then false when 2 then true end as user_incomplete,
    case result >> 7 & 3 when 1 then false when 2 then true end as user_submitted,
    item_option_ids[option_begin + 1:option_end] as item_option_ids,
    array(select case get_byte(option_marks, i) % 3 when 1 then false when 2 then true end from generate_series(option_begin, option_end - 1) as i) as checked,
    array(select case get_byte(option_marks, i) / 3 % 3 when 1 then false when 2 then true end from generate_series(option_begin, option_end - 1) as i)
      as submitted,
    coalesce(
      answered_at[option_begin + 1:option_end], array(select null::timestamptz from generate_series(option_begin + 1, option_end))) as answered_at
  from events
    cross join lateral (
      select item_id, result, place, coalesce(option_ends[place - 1], 0) as option_begin, option_end
      from unnest(item_ids, results, option_ends) with ordinality as question (item_id, result, option_end, place)) as question
  where is_newest;
