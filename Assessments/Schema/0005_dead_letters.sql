-- Where a dead letter came from as a person knows it, and what became of it.

alter table dead_letters
  add source_file text,                          -- the file that publish read it from; null where it came another way
  add source_line bigint,                        -- its line there, from 1
  add replay_of bigint,                          -- the dead letter that was sent again and came back as this one
  add replayed_at timestamptz,                   -- when ingest last met it again after it was sent once more
  add repaired_at timestamptz,                   -- when it was an event then, which is in the tables
  -- Its reason without places and sizes: what has the same cause has the same group.
  add reason_group text not null generated always as (regexp_replace(reason, '\m(byte|offset|offsets|to|from|has|is|after|line) \d+', '\1 …', 'g')) stored;

update dead_letters set
  source_file = headers ->> 'source-file',
  source_line = case when headers ->> 'source-line' ~ '^\d{1,18}$' then (headers ->> 'source-line')::bigint end
where headers ? 'source-file' and jsonb_typeof(headers -> 'source-file') = 'string';

create index dead_letters_by_group on dead_letters (reason_group, dead_letter_id) where repaired_at is null;

create view activity.dead_letters as
  select dead_letter_id, reason, reason_group, topic, partition, kafka_offset, kafka_timestamp, source_file, source_line, octet_length(value) bytes,
    recorded_at, replay_of, replayed_at, repaired_at
  from public.dead_letters;
comment on view activity.dead_letters is 'A record that is no event: where it came from, why it is none, and whether it was repaired. Its bytes are at /api/dead-letters.';
comment on column activity.dead_letters.dead_letter_id is 'Its number.';
comment on column activity.dead_letters.reason is 'Why it is no event, in one sentence.';
comment on column activity.dead_letters.reason_group is 'The reason without places and sizes: the same for the same cause.';
comment on column activity.dead_letters.topic is 'The Kafka topic.';
comment on column activity.dead_letters.partition is 'The partition of the topic.';
comment on column activity.dead_letters.kafka_offset is 'The offset in the partition.';
comment on column activity.dead_letters.kafka_timestamp is 'The time of the record on Kafka.';
comment on column activity.dead_letters.source_file is 'The file that it was published from; null where it came another way.';
comment on column activity.dead_letters.source_line is 'Its line in that file, from 1.';
comment on column activity.dead_letters.bytes is 'How long its value is; null where it has none.';
comment on column activity.dead_letters.recorded_at is 'When ingest put it aside.';
comment on column activity.dead_letters.replay_of is 'The dead letter that was sent again and came back as this one.';
comment on column activity.dead_letters.replayed_at is 'When it was last met again after it was sent once more.';
comment on column activity.dead_letters.repaired_at is 'When it was an event then; null while it is none.';
