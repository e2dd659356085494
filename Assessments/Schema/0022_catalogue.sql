-- What questions and options are called: a publisher uploads it, nothing of it comes from the topic. Ids are those of the events; a row with a base_exam_id is
-- about that exam, one with '' about every exam that has the id, and what the former leaves out the latter says.
create table catalogue_questions (
  question_id text collate "C" not null,
  base_exam_id text collate "C" not null,
  text text,
  topic text,
  primary key (question_id, base_exam_id)
);

create table catalogue_options (
  question_id text collate "C" not null,
  option_id text collate "C" not null,
  base_exam_id text collate "C" not null,
  text text,
  key boolean,                                   -- whether the option is right; null where the publisher does not say
  primary key (question_id, option_id, base_exam_id)
);

-- Another with each change, so that kept answers are known to be old: one row.
create table catalogue_version (
  version uuid not null
);
insert into catalogue_version (version) values (gen_random_uuid());

-- The names of the questions and options that events have shown.
create view item_names as
  select item_id, exam_id, coalesce(own.text, every.text) as text, coalesce(own.topic, every.topic) as topic
  from items
    join exams using (exam_id)
    left join catalogue_questions as own on own.question_id = items.question_id and own.base_exam_id = exams.base_exam_id
    left join catalogue_questions as every on every.question_id = items.question_id and every.base_exam_id = ''
  where own.question_id is not null or every.question_id is not null;

create view item_option_names as
  select item_option_id, item_id, exam_id, is_correct, coalesce(own.text, every.text) as text, coalesce(own.key, every.key) as key
  from item_options
    join items using (item_id)
    join exams using (exam_id)
    left join catalogue_options as own on own.question_id = items.question_id and own.option_id = item_options.option_id
      and own.base_exam_id = exams.base_exam_id
    left join catalogue_options as every on every.question_id = items.question_id and every.option_id = item_options.option_id and every.base_exam_id = ''
  where own.question_id is not null or every.question_id is not null;

-- The same for SQL. Joined by the tables' keys, so that a statement that asks for no name does not pay for the joins.
create or replace view activity.questions as
  select name course, slug course_slug, exams.base_exam_id, items.question_id,
    (select count(*) from public.item_options where item_options.item_id = items.item_id) options,
    coalesce(own.text, every.text) as text, coalesce(own.topic, every.topic) as topic
  from public.items join public.exams using (exam_id) join public.courses using (course_id)
    left join public.catalogue_questions as own on own.question_id = items.question_id and own.base_exam_id = exams.base_exam_id
    left join public.catalogue_questions as every on every.question_id = items.question_id and every.base_exam_id = '';
comment on column activity.questions.text is 'What it asks, by the catalogue; null where the catalogue does not say.';
comment on column activity.questions.topic is 'What it is about, by the catalogue; null where the catalogue does not say.';

create or replace view activity.options as
  select name course, slug course_slug, exams.base_exam_id, items.question_id, item_options.option_id, is_correct,
    coalesce(own.text, every.text) as text, coalesce(own.key, every.key) as catalogue_key
  from public.item_options join public.items using (item_id) join public.exams using (exam_id) join public.courses using (course_id)
    left join public.catalogue_options as own on own.question_id = items.question_id and own.option_id = item_options.option_id
      and own.base_exam_id = exams.base_exam_id
    left join public.catalogue_options as every on every.question_id = items.question_id and every.option_id = item_options.option_id
      and every.base_exam_id = '';
comment on column activity.options.text is 'What it says, by the catalogue; null where the catalogue does not say.';
comment on column activity.options.catalogue_key is 'Whether it is right by the catalogue; null where the catalogue does not say. Figures go by is_correct.';

create or replace view activity.answers as
  select user_exam_id, name course, slug course_slug, exams.base_exam_id, items.question_id, position, coalesce(user_id, user_exam_id) student, started_at,
    user_result result, user_correct correct, user_incomplete incomplete, user_submitted submitted,
    (select max(at) from unnest(answered_at) times (at)) answered_at, cardinality(item_option_ids) options,
    cardinality(array_positions(checked, true)) options_checked,
    coalesce(own.text, every.text) as text, coalesce(own.topic, every.topic) as topic
  from public.answers
    join public.items using (item_id, exam_id)
    join public.exams using (exam_id)
    join public.courses using (course_id)
    left join public.catalogue_questions as own on own.question_id = items.question_id and own.base_exam_id = exams.base_exam_id
    left join public.catalogue_questions as every on every.question_id = items.question_id and every.base_exam_id = '';
comment on column activity.answers.text is 'What the question asks, by the catalogue; null where the catalogue does not say.';
comment on column activity.answers.topic is 'What the question is about, by the catalogue; null where the catalogue does not say.';

create or replace view activity.answer_options as
  select user_exam_id, name course, slug course_slug, exams.base_exam_id, items.question_id, position, item_options.option_id, ordinal - 1 option_position,
    is_correct, shown.checked, shown.submitted, shown.answered_at, coalesce(own.text, every.text) as text
  from public.answers
    join public.items using (item_id, exam_id)
    join public.exams using (exam_id)
    join public.courses using (course_id)
    cross join unnest(answers.item_option_ids, answers.checked, answers.submitted, answers.answered_at) with ordinality shown (item_option_id, checked, submitted, answered_at, ordinal)
    join public.item_options on item_options.item_option_id = shown.item_option_id
    left join public.catalogue_options as own on own.question_id = items.question_id and own.option_id = item_options.option_id
      and own.base_exam_id = exams.base_exam_id
    left join public.catalogue_options as every on every.question_id = items.question_id and every.option_id = item_options.option_id
      and every.base_exam_id = '';
comment on column activity.answer_options.text is 'What the option says, by the catalogue; null where the catalogue does not say.';
