-- Where each event stands on Kafka, so that it can be read again: a keen_id that several attempts claim belongs to the smallest user_exam_id, and when that
-- comes later, what the other attempt had of it is taken back and becomes a dead letter.
-- Events of before have no place: theirs stay, whoever comes later.

alter table ingest_partitions
  add place_id integer generated always as identity unique,
  add altered_redeliveries bigint not null default 0;   -- redeliveries with other bytes than the event had first, which is kept

alter table events
  add place_id integer,                          -- of ingest_partitions
  add kafka_offset bigint,
  add content_hash bigint;                       -- XXH64 of the record's value

create table redeliveries (
  keen_id text collate "C" not null,
  place_id integer not null,
  kafka_offset bigint not null
);
create index redeliveries_by_event on redeliveries (keen_id);

-- Events that are not their attempt's newest.
create table older_events (
  user_exam_id text collate "C" not null,
  keen_id text collate "C" not null,
  version bigint not null,
  primary key (user_exam_id, keen_id)
);

insert into older_events (user_exam_id, keen_id, version)
select user_exam_id, events.keen_id, 0
from events join attempts using (user_exam_id)
where events.keen_id <> attempts.keen_id;
