-- title: Questions that are left out
-- description: Those that at least a share of the attempts did not answer.
-- parameter: share number = 10 -- percent of the attempts that leave it out, at least
-- parameter: attempts integer = 20 -- only questions that so many were shown
select course, question_id, count(*) as shown, count(*) filter (where result = 'unanswered') as left_out,
  count(*) filter (where result = 'unanswered') * 100.0 / count(*) as percent
from answers
group by course, question_id
having count(*) >= :attempts and count(*) filter (where result = 'unanswered') * 100.0 / count(*) >= :share
order by percent desc, course, question_id
