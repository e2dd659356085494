-- In which transaction an attempt came to be what it is: exports of what came since then go by it. PostgreSQL hands out transactions in order, but they end in
-- any: an export that is to miss nothing goes on, next time, from the oldest that was still running at its snapshot (pg_snapshot_xmin). A number and no xid8, so
-- that a block range index finds the rows: they come in order. Null for rows of before.
-- An event that becomes its attempt's newest again is written anew, so the default says it.
alter table events add ingest_transaction bigint;
alter table events alter ingest_transaction set default pg_current_xact_id()::text::bigint;
create index events_by_transaction on events using brin (ingest_transaction) with (pages_per_range = 16, autosummarize = on);
