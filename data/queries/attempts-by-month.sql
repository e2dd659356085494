-- title: Attempts by month
-- description: How many attempts at a course start in each month, and how they score.
-- parameter: course text = learning-git -- the course's slug, as /api/courses gives it
select date_trunc('month', started_at)::date as month, count(*) as attempts, avg(score) as mean_score
from attempts
where course_slug = :course
group by month
order by month
