-- What the events say, and the figures kept beside it. Words: a message is one record on Kafka; an event is one keen_id;
-- an attempt is one user_exam_id, made of its newest event; a student is an attempt's user, or the attempt where it names none.

create table courses (
  course_id integer generated always as identity primary key,
  name text not null unique,                     -- the event's exam_name; '' where it has none
  slug text not null unique                      -- the name for addresses
);

create table exams (
  exam_id integer generated always as identity primary key,
  course_id integer not null references courses,
  base_exam_id text collate "C" not null,        -- '' where the event has none
  unique (course_id, base_exam_id)
);

create table items (
  item_id integer generated always as identity primary key,
  exam_id integer not null references exams,
  question_id text collate "C" not null,         -- '' where the question has none
  unique (exam_id, question_id)
);

create table item_options (
  item_option_id integer generated always as identity primary key,
  item_id integer not null references items,
  option_id text collate "C" not null,           -- '' where the option has none
  is_correct boolean not null,                   -- true as soon as one event says so
  unique (item_id, option_id)
);

-- Every keen_id ever seen: the same again is a redelivery.
create table events (
  keen_id text collate "C" primary key,
  user_exam_id text collate "C" not null,
  redeliveries integer not null default 0
);

-- attempts and answers refer to other tables without foreign keys: ingest is their only writer, a check for each of the
-- millions of rows costs as much as writing them, and its row locks would have two workers wait for each other.
create table attempts (
  attempt_id bigint generated always as identity primary key,
  user_exam_id text collate "C" not null unique,
  keen_id text collate "C" not null,             -- the event this row was made of
  version bigint not null,                       -- its keen_timestamp in 100 ns since 1970; on a tie the greater keen_id wins
  exam_id integer not null,
  user_id text collate "C",
  created_at timestamptz,                        -- keen_created_at
  started_at timestamptz,
  ended_at timestamptz,                          -- the last option's at
  certification boolean not null,
  max_attempts integer,
  sequence_id text collate "C",
  attempt_number integer,
  total integer,
  correct integer,
  incorrect integer,
  incomplete integer,
  submitted integer,
  unanswered integer,
  all_correct boolean
);
create index attempts_by_exam on attempts (exam_id, started_at);
create index attempts_by_start on attempts (started_at);
create index attempts_by_user on attempts (user_id) where user_id is not null;

-- One row a question of an attempt; the options in the order in which they were shown, as parallel arrays.
create table answers (
  attempt_id bigint not null,
  position smallint not null,
  item_id integer not null,
  user_result text,                              -- correct, incorrect, missed_some, unanswered
  user_correct boolean,
  user_incomplete boolean,
  user_submitted boolean,
  item_option_ids integer[] not null,
  checked boolean[] not null,
  submitted boolean[] not null,
  answered_at timestamptz[] not null,
  primary key (attempt_id, position)
);
create index answers_by_item on answers (item_id);

-- Rollups: kept in the transaction that writes the rows, so that what they answer does not grow with the events.
create table exam_totals (
  exam_id integer primary key references exams,
  messages bigint not null default 0,
  redeliveries bigint not null default 0,
  attempts bigint not null default 0,
  unnamed_attempts bigint not null default 0,    -- attempts that name no user: a student each
  certifications bigint not null default 0       -- attempts for certification
);

-- Scores as the counts that events state: exact means, deviations, quantiles and pass rates come from these few rows.
create table exam_scores (
  exam_id integer not null references exams,
  total integer not null,
  correct integer not null,
  messages bigint not null default 0,
  attempts bigint not null default 0,
  primary key (exam_id, total, correct)
);

-- Starts by quarter of an hour, the finest step in which time zones differ.
create table exam_starts (
  exam_id integer not null references exams,
  quarter timestamptz not null,
  messages bigint not null default 0,
  attempts bigint not null default 0,
  primary key (exam_id, quarter)
);

-- From started_at to ended_at in whole seconds; -1 stands for a negative duration, 86400 for a day and more.
create table exam_durations (
  exam_id integer not null references exams,
  seconds integer not null,
  messages bigint not null default 0,
  attempts bigint not null default 0,
  message_microseconds numeric not null default 0,
  attempt_microseconds numeric not null default 0,
  primary key (exam_id, seconds)
);

-- Named users, by course and (course_id 0) in all, with how many attempts each has now.
create table course_users (
  course_id integer not null,
  user_id text collate "C" not null,
  attempts bigint not null,
  primary key (course_id, user_id)
);
create table course_user_totals (
  course_id integer primary key,
  users bigint not null default 0                -- course_users with attempts
);

-- The consumer's place in each partition. A worker writes only under the epoch it took: an older one is fenced off.
-- topic_id is Kafka's own, so a topic made anew, or another cluster's, starts from the beginning.
create table ingest_partitions (
  topic text not null,
  topic_id text not null,
  partition integer not null,
  next_offset bigint not null default 0,
  epoch bigint not null default 0,
  owner text,
  messages bigint not null default 0,            -- that reached the tables
  dead_letters bigint not null default 0,        -- that reached dead_letters
  updated_at timestamptz not null default now(),
  primary key (topic, topic_id, partition)
);

-- What is not an event, whole, with the reason.
create table dead_letters (
  dead_letter_id bigint generated always as identity primary key,
  topic text not null,
  topic_id text not null,
  partition integer not null,
  kafka_offset bigint not null,
  kafka_timestamp timestamptz,
  key bytea,
  value bytea,
  headers jsonb not null,
  reason text not null,
  recorded_at timestamptz not null default now()
);
-- Not unique: a log that was cut and written anew has other records under the same offsets.
create index dead_letters_by_place on dead_letters (topic, topic_id, partition, kafka_offset);
