-- What has the same cause has the same group, whatever ids the reason quotes.

-- The view keeps its rights; for a moment it leaves the column out.
create or replace view activity.dead_letters as
  select dead_letter_id, reason, reason as reason_group, topic, partition, kafka_offset, kafka_timestamp, source_file, source_line, octet_length(value) bytes,
    recorded_at, replay_of, replayed_at, repaired_at
  from public.dead_letters;

alter table dead_letters drop column reason_group;
alter table dead_letters add column reason_group text not null generated always as (regexp_replace(regexp_replace(
  reason, '"(?:[^"\\]|\\.)*"', '…', 'g'), '\m(byte|offset|offsets|to|from|has|is|after|line) \d+', '\1 …', 'g')) stored;
create index dead_letters_by_group on dead_letters (reason_group, dead_letter_id) where repaired_at is null;

create or replace view activity.dead_letters as
  select dead_letter_id, reason, reason_group, topic, partition, kafka_offset, kafka_timestamp, source_file, source_line, octet_length(value) bytes,
    recorded_at, replay_of, replayed_at, repaired_at
  from public.dead_letters;
comment on column activity.dead_letters.reason_group is 'The reason without ids, places and sizes: the same for the same cause.';
