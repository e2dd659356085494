namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>Statements as a data scientist writes them, all answered.</summary>
public sealed class DataScienceTests(SqlApi sql) : IClassFixture<SqlApi>
{
    [Theory]
    [InlineData("how scores are spread", "select percentile_cont(array[0.1, 0.25, 0.5, 0.75, 0.9]) within group (order by score), avg(score), "
        + "stddev_samp(score), count(score) from attempts")]
    [InlineData("a histogram", "select width_bucket(score, 0, 100, 10) as bucket, count(*), repeat('#', least(count(*), 40)::int) as bar from attempts "
        + "where score is not null group by 1 order by 1")]
    [InlineData("a running total", "select date_trunc('day', started_at) as day, count(*), sum(count(*)) over (order by date_trunc('day', started_at)) from "
        + "attempts where started_at is not null group by 1")]
    [InlineData("a moving average", "select user_exam_id, avg(score) over (order by started_at rows between 2 preceding and current row) from attempts")]
    [InlineData("a moving count over time", "select user_exam_id, count(*) over (order by started_at range between interval '7 days' preceding and current "
        + "row) from attempts where started_at is not null")]
    [InlineData("the first and the last attempt", "select distinct student, first_value(score) over w, last_value(score) over w, nth_value(score, 2) over w "
        + "from attempts window w as (partition by student order by started_at rows between unbounded preceding and unbounded following)")]
    [InlineData("gain between attempts", "select student, course, score - lag(score) over (partition by student, course order by started_at) as gain from "
        + "attempts")]
    [InlineData("ranks", "select course, user_exam_id, rank() over w, dense_rank() over w, percent_rank() over w, cume_dist() over w, ntile(4) over w from "
        + "attempts window w as (partition by course order by score desc nulls last)")]
    [InlineData("top of each group", "select * from (select course, user_exam_id, score, row_number() over (partition by course order by score desc nulls "
        + "last) as place from attempts) ranked where place <= 2")]
    [InlineData("top of each group, laterally", "select c.course, best.* from courses c cross join lateral (select user_exam_id, score from attempts a "
        + "where a.course = c.course order by score desc nulls last limit 2) best")]
    [InlineData("several CTEs with columns", "with passed(course, n) as (select course, count(*) from attempts where score > 70 group by 1), "
        + "everyone(course, n) as (select course, count(*) from attempts group by 1) select e.course, coalesce(p.n, 0) * 100.0 / e.n from everyone e left "
        + "join passed p using (course)")]
    [InlineData("a CTE that is kept", "with a as materialized (select * from attempts) select count(*) from a x join a y on x.student = y.student")]
    [InlineData("every day, empty ones too", "select d::date, count(a.user_exam_id) from generate_series(timestamptz '2018-01-01', timestamptz "
        + "'2018-01-07', interval '1 day') g(d) left join attempts a on date_trunc('day', a.started_at) = d group by 1 order by 1")]
    [InlineData("counting upwards", "with recursive n(i) as (values (1) union all select i + 1 from n where i < 10) select sum(i), product from n, (values "
        + "(3628800)) v(product) group by 2")]
    [InlineData("a tree, in depth", "with recursive t(id, parent) as (select * from (values (1, null::int), (2, 1), (3, 1), (4, 2)) v(id, parent)), "
        + "walk(id, parent) as (select id, parent from t where parent is null union all select t.id, t.parent from t join walk on t.parent = walk.id) "
        + "search depth first by id set place select id, place from walk order by place")]
    [InlineData("filters", "select course, count(*) filter (where score > 70) as passed, count(*) filter (where score is null) as unknown, avg(score) "
        + "filter (where certification) from attempts group by course")]
    [InlineData("grouping sets", "select course, base_exam_id, grouping(course, base_exam_id), count(*) from attempts group by grouping sets ((course, "
        + "base_exam_id), (course), ())")]
    [InlineData("roll up", "select course, certification, count(*) from attempts group by rollup (course, certification)")]
    [InlineData("a cube", "select course, certification, count(*) from attempts group by cube (course, certification) having count(*) > 0")]
    [InlineData("a pivot", "select course, count(*) filter (where extract(isodow from started_at) = 1) as mon, sum((extract(isodow from started_at) = "
        + "2)::int) as tue, count(case when extract(isodow from started_at) >= 6 then 1 end) as weekend from attempts group by 1")]
    [InlineData("parts of dates", "select extract(hour from started_at at time zone 'Europe/Berlin'), date_part('week', started_at), to_char(started_at, "
        + "'YYYY-MM-DD HH24:MI Dy'), date_bin('15 minutes', started_at, timestamptz '2001-01-01') from attempts")]
    [InlineData("durations", "select avg(ended_at - started_at), justify_hours(sum(ended_at - started_at)), age(max(started_at), min(started_at)), "
        + "make_interval(days => 3) from attempts")]
    [InlineData("overlapping attempts", "select a.user_exam_id, b.user_exam_id from attempts a join attempts b on a.user_exam_id < b.user_exam_id where "
        + "(a.started_at, a.started_at + interval '2 days') overlaps (b.started_at, b.started_at + interval '2 days')")]
    [InlineData("ranges", "select tstzrange(min(started_at), max(started_at), '[]') @> timestamptz '2018-01-05', upper(range_agg(tstzrange(started_at, "
        + "started_at + interval '1 h'))) from attempts where started_at is not null")]
    [InlineData("regular expressions", "select course, course ~* '^learn', regexp_replace(course, '(\\w+) (\\w+)', '\\2 \\1', 'g'), (regexp_match(course, "
        + "'[A-Z]\\w*'))[1], regexp_count(course, '[aeiou]'), course similar to '%(Git|C#)' from courses")]
    [InlineData("text", "select format('%s (%s)', course, attempts), lpad(attempts::text, 6, '0'), upper(left(course, 1)) || substring(course from 2), "
        + "split_part(course, ' ', 1), position('i' in course), trim(both 'L' from course) from courses")]
    [InlineData("words", "select word, count(*) from courses, regexp_split_to_table(lower(course), '\\s+') word group by word order by 2 desc, 1")]
    [InlineData("lists", "select student, string_agg(distinct course, ', ' order by course), array_agg(score order by started_at), "
        + "cardinality(array_agg(user_exam_id)) from attempts group by student")]
    [InlineData("elements of a list", "select u.x, u.place from (select array_agg(course order by course) as courses from courses) a, unnest(a.courses) "
        + "with ordinality u(x, place)")]
    [InlineData("JSON made", "select jsonb_build_object('course', course, 'attempts', attempts, 'list', jsonb_agg(to_jsonb(c) - 'course_slug')) from "
        + "courses c group by course, attempts")]
    [InlineData("JSON taken apart", "select doc ->> 'a', doc #>> '{b,0}', jsonb_path_query_array(doc, '$.b[*] ? (@ > 1)'), doc @? '$.a', e.key, e.value "
        + "from (values ('{\"a\": \"x\", \"b\": [1, 2]}'::jsonb)) v(doc), jsonb_each(doc) e")]
    [InlineData("JSON as a table", "select r.* from jsonb_to_recordset('[{\"n\": 1, \"t\": \"a\"}, {\"n\": 2}]') as r(n int, t text)")]
    [InlineData("correlations", "select corr(score, duration_seconds), regr_slope(score, duration_seconds), regr_r2(score, duration_seconds), "
        + "covar_pop(score, duration_seconds) from attempts")]
    [InlineData("z-scores", "select user_exam_id, (score - avg(score) over ()) / nullif(stddev_pop(score) over (), 0) as z from attempts order by z desc "
        + "nulls last limit 5")]
    [InlineData("the usual answer", "select mode() within group (order by course), percentile_disc(0.5) within group (order by score) from attempts")]
    [InlineData("difficulty and discrimination", "with scored as (select question_id, correct::int as right_, avg(correct::int) over (partition by "
        + "user_exam_id) as total from answers where correct is not null) select question_id, avg(right_) as facility, corr(right_, total) as "
        + "discrimination from scored group by 1 order by 2")]
    [InlineData("distractors", "select question_id, option_id, avg(checked::int), count(*), bool_or(is_correct) from answer_options group by 1, 2 order by "
        + "1, 3 desc")]
    [InlineData("cohorts", "with first(student, month) as (select student, min(date_trunc('month', started_at)) from attempts group by 1) select month, "
        + "count(distinct student), count(*) from first join attempts using (student) group by 1 order by 1 nulls last")]
    [InlineData("a sample that stays the same", "select * from attempts where abs(hashtext(user_exam_id)) % 2 < 2 and random() <= 1")]
    [InlineData("pseudonyms", "select encode(sha256(convert_to(student, 'UTF8')), 'hex'), md5(student), count(*) from attempts group by 1, 2")]
    [InlineData("sets", "(select student from attempts where score > 70 union all select student from attempts) except select student from attempts where "
        + "certification intersect select student from attempts")]
    [InlineData("what is in none", "select course from courses c where not exists (select from attempts a where a.course = c.course and a.score > 100) and "
        + "course <> all (select course from attempts where score > 100) and (course, 1) in (select course, 1 from courses)")]
    [InlineData("text over two lines", "select 'one '\n  'two' as words, E'tab\\t'\n 'and more' as tabs, $$it's$$ as quoted")]
    [InlineData("values", "select v.name, v.limit_ * 2 from (values ('a', 1), ('b', 2)) v(name, limit_) order by v.limit_ desc fetch first 1 row with ties")]
    [InlineData("a plan that is measured", "explain (analyze, buffers, costs off) select course, avg(score) from attempts group by course")]
    [InlineData("a plan as JSON", "explain (format json) select * from answer_options where checked")]
    [InlineData("types", "select pg_typeof(score), pg_typeof(started_at)::text, num_nulls(user_id, score), coalesce(user_id, '-'), greatest(score, 0), "
        + "nullif(course, '') from attempts")]
    public async Task It_is_answered(string question, string statement)
    {
        var rows = await sql.AskAsync(statement);

        Assert.True(rows.Count > 0, question);
    }
}
