-- A version of an exam is the set of questions that an attempt was shown, in whatever order. What relates a question to the total needs attempts that were
-- all shown the same, so it is kept by version: as arrays, a row for each total, so that an exam that draws every attempt's questions anew costs a row or two
-- an attempt and not one for each of its questions. What exam_results, item_results and item_option_choices keep of the exam as a whole stays bounded.

-- The workers are still: what they write is either seen below or counted by them.
lock table attempts in exclusive mode;

create table exam_versions (
  exam_version_id integer generated always as identity primary key,
  exam_id integer not null references exams,
  version text collate "C" not null,             -- 32 hexadecimal digits of the SHA-256 of the sorted question ids, the same in every database
  item_ids integer[] not null,                   -- in order
  attempts bigint not null default 0,
  unique (exam_id, version)
);
create index exam_versions_by_attempts on exam_versions (exam_id, attempts desc, version) where attempts > 0;

-- A version's attempts by how many of its questions they solved; the arrays are parallel to item_ids.
create table exam_version_results (
  exam_version_id integer not null references exam_versions,
  correct integer not null,
  attempts bigint not null,
  solved bigint[] not null,
  incorrect bigint[] not null,
  missed_some bigint[] not null,
  unanswered bigint[] not null,
  primary key (exam_version_id, correct)
) with (fillfactor = 70);

-- The options in a version's answers, as parallel arrays.
create table exam_version_choices (
  exam_version_id integer primary key references exam_versions,
  item_option_ids integer[] not null,            -- in order
  shown bigint[] not null,
  chosen bigint[] not null
) with (fillfactor = 70);

alter table attempts add exam_version_id integer; -- null where it was shown no question

set local work_mem = '256MB';

create temporary table shown on commit drop as
select attempt_id, exam_id, item_ids
from (select attempt_id, array_agg(distinct item_id order by item_id) as item_ids from answers group by attempt_id) as sets join attempts using (attempt_id);

insert into exam_versions (exam_id, version, item_ids, attempts)
select sets.exam_id, left(encode(sha256(string_agg(convert_to(question_id, 'UTF8'), '\x00'::bytea order by question_id)), 'hex'), 32), item_ids, attempts
from (select exam_id, item_ids, count(*) as attempts from shown group by exam_id, item_ids) as sets
  cross join unnest(item_ids) as item (item_id) join items using (item_id)
group by sets.exam_id, item_ids, attempts
order by sets.exam_id, attempts desc;

update attempts set exam_version_id = exam_versions.exam_version_id
from shown join exam_versions using (exam_id, item_ids)
where attempts.attempt_id = shown.attempt_id;

create index attempts_by_version on attempts (exam_version_id, started_at) where exam_version_id is not null;

with attempt_items as materialized (
  select attempt_id, item_id, bool_and(user_correct is true) as solved, bool_or(user_result = 'incorrect') as incorrect,
    bool_or(user_result = 'missed_some') as missed_some, bool_or(user_result = 'unanswered') as unanswered
  from answers
  group by attempt_id, item_id
), results as (
  select attempt_id, count(*) filter (where solved) as correct
  from attempt_items
  group by attempt_id
), counts as (
  select exam_version_id, results.correct, item_id, count(*) as attempts, count(*) filter (where solved) as solved,
    count(*) filter (where attempt_items.incorrect) as incorrect, count(*) filter (where missed_some) as missed_some,
    count(*) filter (where attempt_items.unanswered) as unanswered
  from attempt_items join results using (attempt_id) join attempts using (attempt_id)
  group by exam_version_id, results.correct, item_id
)
insert into exam_version_results (exam_version_id, correct, attempts, solved, incorrect, missed_some, unanswered)
select exam_version_id, correct, max(attempts), array_agg(solved order by item_id), array_agg(incorrect order by item_id),
  array_agg(missed_some order by item_id), array_agg(unanswered order by item_id)
from counts
group by exam_version_id, correct;

insert into exam_version_choices (exam_version_id, item_option_ids, shown, chosen)
select exam_version_id, array_agg(item_option_id order by item_option_id), array_agg(shown order by item_option_id), array_agg(chosen order by item_option_id)
from (
  select exam_version_id, item_option_id, count(*) as shown, count(*) filter (where is_checked) as chosen
  from answers join attempts using (attempt_id) cross join unnest(item_option_ids, checked) as options (item_option_id, is_checked)
  group by exam_version_id, item_option_id) as choices
group by exam_version_id;

create or replace view activity.attempts as
  select user_exam_id, name course, slug course_slug, base_exam_id, coalesce(user_id, user_exam_id) student, user_id, keen_id,
    created_at, started_at, ended_at, (extract(epoch from ended_at - started_at))::float8 duration_seconds,
    (correct * 100::numeric / nullif(total, 0))::float8 score, total, correct, incorrect, incomplete, submitted, unanswered, all_correct,
    certification, max_attempts, sequence_id, attempt_number, implausible_start, implausible_counts, exam_versions.version exam_version
  from public.attempts join public.exams using (exam_id) join public.courses using (course_id)
    left join public.exam_versions on exam_versions.exam_version_id = attempts.exam_version_id;
comment on column activity.attempts.exam_version is 'Which version of the exam it is of, by the questions that it was shown; null where it was shown none.';

create view activity.exam_versions as
  select name course, slug course_slug, base_exam_id, version exam_version, cardinality(item_ids) questions, attempts,
    (select min(started_at) from public.attempts where attempts.exam_version_id = exam_versions.exam_version_id) first_start,
    (select max(started_at) from public.attempts where attempts.exam_version_id = exam_versions.exam_version_id) last_start
  from public.exam_versions join public.exams using (exam_id) join public.courses using (course_id)
  where attempts > 0;
comment on view activity.exam_versions is 'A version of an exam: a set of questions that attempts were shown, in whatever order.';
comment on column activity.exam_versions.course is 'Name of the course; empty where the events have none.';
comment on column activity.exam_versions.course_slug is 'The name of the course in addresses.';
comment on column activity.exam_versions.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.exam_versions.exam_version is 'Id of the version, made of its question ids.';
comment on column activity.exam_versions.questions is 'How many questions it has.';
comment on column activity.exam_versions.attempts is 'Attempts that were shown just these questions.';
comment on column activity.exam_versions.first_start is 'The first plausible start of these attempts; null where none has any.';
comment on column activity.exam_versions.last_start is 'The last of them.';

create view activity.exam_version_questions as
  select name course, slug course_slug, base_exam_id, version exam_version, question_id
  from public.exam_versions cross join unnest(item_ids) item (item_id) join public.items using (item_id)
    join public.exams on exams.exam_id = exam_versions.exam_id join public.courses using (course_id)
  where attempts > 0;
comment on view activity.exam_version_questions is 'A question of a version of an exam.';
comment on column activity.exam_version_questions.course is 'Name of the course; empty where the events have none.';
comment on column activity.exam_version_questions.course_slug is 'The name of the course in addresses.';
comment on column activity.exam_version_questions.base_exam_id is 'Id of the exam; empty where the events have none.';
comment on column activity.exam_version_questions.exam_version is 'Id of the version, made of its question ids.';
comment on column activity.exam_version_questions.question_id is 'Id of the question; empty where it has none.';
