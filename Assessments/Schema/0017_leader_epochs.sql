-- Under which leader epochs of Kafka the ingested records were written: a log that was cut and written on has other epochs under the offsets that were read.
create table ingest_leader_epochs (
  place_id integer not null,                     -- of ingest_partitions
  leader_epoch integer not null,
  first_offset bigint not null,
  primary key (place_id, leader_epoch)
);
