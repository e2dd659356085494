-- What item statistics need of the answers, as counts: classical figures then cost the same however many attempts there are.
-- An item of an attempt is solved if every answer to it in that attempt is correct. An attempt's questions are the distinct items it was
-- shown, its correct those of them that it solved; attempts that were shown none are not counted.

-- The workers are still: what they write is either seen below or counted by them.
lock table attempts in exclusive mode;

create table exam_results (
  exam_id integer not null references exams,
  questions integer not null,
  correct integer not null,
  attempts bigint not null,
  primary key (exam_id, questions, correct)
) with (fillfactor = 70);

-- An item's attempts, by their own questions and correct.
create table item_results (
  item_id integer not null references items,
  questions integer not null,
  correct integer not null,
  attempts bigint not null,
  solved bigint not null,                        -- of these attempts
  incorrect bigint not null,                     -- chose a wrong option
  missed_some bigint not null,                   -- missed a right option
  unanswered bigint not null,
  primary key (item_id, questions, correct)
) with (fillfactor = 70);

-- In the answers of all attempts.
create table item_option_choices (
  item_option_id integer primary key references item_options,
  shown bigint not null,
  chosen bigint not null
) with (fillfactor = 70);

set local work_mem = '256MB';

with attempt_items as materialized (
  select attempt_id, item_id, bool_and(user_correct is true) as solved, bool_or(user_result = 'incorrect') as incorrect,
    bool_or(user_result = 'missed_some') as missed_some, bool_or(user_result = 'unanswered') as unanswered
  from answers
  group by attempt_id, item_id
), results as (
  select attempt_id, count(*) as questions, count(*) filter (where solved) as correct
  from attempt_items
  group by attempt_id
), by_exam as (
  insert into exam_results (exam_id, questions, correct, attempts)
  select exam_id, questions, results.correct, count(*)
  from results join attempts using (attempt_id)
  group by exam_id, questions, results.correct
)
insert into item_results (item_id, questions, correct, attempts, solved, incorrect, missed_some, unanswered)
select item_id, questions, correct, count(*), count(*) filter (where solved), count(*) filter (where incorrect),
  count(*) filter (where missed_some), count(*) filter (where unanswered)
from attempt_items join results using (attempt_id)
group by item_id, questions, correct;

insert into item_option_choices (item_option_id, shown, chosen)
select item_option_id, count(*), count(*) filter (where is_checked)
from answers cross join unnest(item_option_ids, checked) as options (item_option_id, is_checked)
group by item_option_id;

-- Last, as it keeps readers waiting.
alter table exam_totals
  add stated_attempts bigint not null default 0,      -- attempts that state how many questions they had, left incomplete, left unanswered
  add stated_questions bigint not null default 0,     -- the sums of what these state
  add incomplete_questions bigint not null default 0,
  add unanswered_questions bigint not null default 0,
  add complete_attempts bigint not null default 0;    -- of these, with no question incomplete or unanswered

update exam_totals set
  stated_attempts = stated.attempts,
  stated_questions = stated.questions,
  incomplete_questions = stated.incomplete,
  unanswered_questions = stated.unanswered,
  complete_attempts = stated.complete
from (
  select exam_id, count(*) as attempts, sum(total) as questions, sum(incomplete) as incomplete, sum(unanswered) as unanswered,
    count(*) filter (where incomplete = 0 and unanswered = 0) as complete
  from attempts
  where total is not null and incomplete is not null and unanswered is not null
  group by exam_id
) as stated
where exam_totals.exam_id = stated.exam_id;

alter table course_user_totals
  add repeat_takers bigint not null default 0;        -- course_users with two attempts or more

update course_user_totals set repeat_takers = repeating.users
from (select course_id, count(*) as users from course_users where attempts > 1 group by course_id) as repeating
where course_user_totals.course_id = repeating.course_id;
