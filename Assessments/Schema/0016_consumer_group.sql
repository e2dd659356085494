-- Which consumer group ingests a topic: workers of two groups would take every partition from each other for ever.
-- To give a topic to another group, stop the workers and set this to null.
alter table ingest_partitions add consumer_group text;
