-- When the last ingested record was written to Kafka: how far behind ingest is in time.
alter table ingest_partitions add record_at timestamptz;
