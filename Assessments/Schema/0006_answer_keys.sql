-- The answer key of a question is what the newest event says that shows the question and names a right option: by version, on a tie by the greater
-- keen_id, so that any order of arrival ends in the same key. item_options.is_correct follows it.
-- A database of before keeps the keys it has, an option right as soon as one event said so, until the next event; the verb rebuild makes them anew.

create table item_keys (
  item_id integer primary key references items,
  version bigint not null,                       -- of the event that says so
  keen_id text collate "C" not null,
  item_option_ids integer[] not null             -- the right options, in order
) with (fillfactor = 70);

comment on column activity.options.is_correct is 'Whether choosing it is right, by the newest event that shows the question and names a right option.';
comment on column activity.answer_options.is_correct is 'Whether choosing it is right, by the newest event that shows the question and names a right option.';
