-- title: Scores by number of questions
-- description: Whether longer exams score lower.
-- report: yes
select total as questions, count(*) as attempts, avg(score) as mean_score
from attempts
where total > 0
group by total
order by total
