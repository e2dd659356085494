using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;

namespace Analytics.Tests.Analytics.Api.Sql;

public sealed class SqlTests(SqlApi sql) : IClassFixture<SqlApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_answered_with_names_types_and_rows()
    {
        var (_, answer) = await SqlApi.SendAsync(sql.Api.Client, "select course, attempts, mean_score from courses order by attempts desc limit 2");

        Assert.Equal(
            """{"columns":[{"name":"course","type":"text"},{"name":"attempts","type":"bigint"},{"name":"mean_score","type":"double precision"}],"rows":[{"course":"Learning Git","attempts":5,"mean_score":58.75},{"course":"Café & C#","attempts":1,"mean_score":null}]}""",
            answer.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Theory]
    [InlineData("application/sql", "select 1 as one")]
    [InlineData("text/plain; charset=utf-8", " select 1 as one ; ")]
    [InlineData("application/json", """{"query": "select 1 as one"}""")]
    public async Task A_question_comes_as_text_or_in_JSON(string type, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await sql.Api.Client.PostAsync("/api/sql?format=csv", content, Cancel);

        Assert.Equal("one\r\n1\r\n", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "select 1", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "select 1", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "null", HttpStatusCode.BadRequest)]
    [InlineData("application/sql", "", HttpStatusCode.BadRequest)]
    public async Task A_body_that_is_no_question_is_refused(string type, string body, HttpStatusCode expected)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await sql.Api.Client.PostAsync("/api/sql", content, Cancel);

        Assert.Equal(expected, response.StatusCode);
        Assert.NotEmpty((string)(await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["detail"]!);
    }

    [Fact]
    public async Task An_error_of_PostgreSQL_comes_with_its_state_and_place()
    {
        var problem = await sql.RefusedAsync("select '😀',\n  nothing from courses");

        Assert.Equal("column \"nothing\" does not exist.", (string)problem["detail"]!);
        Assert.Equal("42703", (string)problem["sqlState"]!);
        Assert.Equal((15, 2, 3), ((int)problem["position"]!, (int)problem["line"]!, (int)problem["column"]!));
    }

    [Fact]
    public async Task A_refusal_of_ours_comes_with_its_place()
    {
        var problem = await sql.RefusedAsync("select '😀',\n  pg_sleep(1)");

        Assert.Equal((15, 2, 3), ((int)problem["position"]!, (int)problem["line"]!, (int)problem["column"]!));
        Assert.Null(problem["sqlState"]);
    }

    [Fact]
    public async Task Columns_of_one_name_get_numbers()
    {
        var row = (await sql.AskAsync("select count(*), count(course), 1 as count_2 from courses"))[0]!.AsObject();

        Assert.Equal(["count", "count_2", "count_2_2"], row.Select(field => field.Key));
    }

    [Theory]
    [InlineData("with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 3) select max(n) from numbers", 3)]
    [InlineData("select count(*) from (values (1, 'a'), (2, 'b')) as v (number, letter) where letter in ('b')", 1)]
    [InlineData("select (count(*) filter (where attempts between (0) and (9)))::int from courses /* a /* nested */ comment */ -- and another", 4)]
    [InlineData("select count(distinct \"course\") from activity.courses", 4)]
    [InlineData("select pg_catalog.length($tag$it's $1$tag$)", 7)]
    [InlineData("select length(E'it\\'s')", 4)]
    [InlineData("select cast('12.50' as numeric(10, 2))", 12.5)]
    [InlineData("select extract(year from date '2018-01-01')", 2018)]
    [InlineData("select sum(rank) from (select rank() over (partition by course order by score desc nulls last) from attempts) ranks", 11)]
    [InlineData("(select 1) union (select 2) order by 1 limit (1)", 1)]
    [InlineData("table totals", 11)]
    [InlineData("values (5), (6)", 5)]
    [InlineData("select sum(a * b) from (values (1, 2), (3, 4)) v(a, b)", 14)]
    [InlineData("select sum(n) from generate_series(1, 5) g(n)", 15)]
    [InlineData("select sum(x) from unnest(array[1, 2, 3]) u(x)", 6)]
    [InlineData("with a(x) as (select 1), b(y) as (select 2), c(z) as (select x + y from a, b) select z from c", 3)]
    [InlineData("select count(*) from attempts where (started_at, started_at) overlaps (timestamptz '2018-01-02', interval '1 day')", 1)]
    [InlineData("select length(repeat('ab', 500) || lpad('1', 10) || rpad('1', 10) || format('%5s', 'a'))", 1025)]
    [InlineData("select length(repeat('x', least(n, 20))) from (values (3000)) v(n)", 20)]
    [InlineData("select jsonb_path_query_first('{\"a\": [1, 2, 3]}', '$.a[*] ? (@ > 1)')::int", 2)]
    [InlineData("select length(encode(sha256('a'), 'hex'))", 64)]
    [InlineData("select length('one'\n  ' two' -- and\n ' three')", 13)]
    [InlineData("select length(E'it\\'s'\n 'it\\'s')", 8)]
    [InlineData("select length('a' /* ; */ || ';')", 2)]
    [InlineData("select count(t) from attempts t", 7)]
    [InlineData("select 5 \"pg_sleep\"", 5)]
    [InlineData("select 1 as one, 2 as one", 1)]
    [InlineData("select length(coalesce(course, user_exam_id)) from attempts order by user_exam_id collate \"C\" limit 1", 12)]
    public async Task SQL_as_people_write_it_is_taken(string statement, double expected) =>
        Assert.Equal(expected, (double)(await sql.AskAsync(statement))[0]!.AsObject().First().Value!);

    [Fact]
    public async Task A_plan_is_explained() =>
        Assert.Contains("cost=", (string)(await sql.AskAsync("explain select * from attempts"))[0]!["QUERY PLAN"]!, StringComparison.Ordinal);

    [Theory]
    [InlineData("explain (analyze) select count(*) from attempts")]
    [InlineData("EXPLAIN (ANALYZE, COSTS OFF, FORMAT JSON) select count(*) from attempts;")]
    [InlineData("explain analyze verbose (select count(*) from attempts)")]
    [InlineData("/* how? */ explain (verbose, buffers, analyze) with a as (table attempts) select count(*) from a")]
    public async Task A_plan_is_explained_with_what_it_took(string statement) =>
        Assert.Contains("actual", (await sql.AskAsync(statement)).ToJsonString(), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task A_row_of_a_view_has_its_type()
    {
        var (_, answer) =
            await SqlApi.SendAsync(sql.Api.Client, "select c, array_agg(c) as all, row(1, 2) as pair from courses c where course = 'Once' group by c");

        Assert.Equal(["activity.courses", "activity.courses[]", "record"], answer["columns"]!.AsArray().Select(column => (string)column!["type"]!));
        Assert.StartsWith("(Once,once,", (string)answer["rows"]![0]!["c"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select 1 as pg_sleep, pg_backend_pid() as b", "pg_backend_pid()", 23)]
    [InlineData("select ('data_directory'::text).current_setting as a", "current_setting(text)", 33)]
    [InlineData("with a(b) as (select 1) select * from a, pg_stat_activity c", "pg_stat_activity", 42)]
    [InlineData("select course from courses where '<a/>'::xml is null", "xml", 42)]
    public async Task A_refusal_names_what_was_meant_and_where(string statement, string name, int position)
    {
        var problem = await sql.RefusedAsync(statement);

        Assert.Contains(name, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Contains(name, problem["refused"]!.AsArray().Select(refused => (string)refused!));
        Assert.Equal(position, (int)problem["position"]!);
    }

    [Fact]
    public async Task What_is_missing_at_the_end_is_said_so()
    {
        var problem = await sql.RefusedAsync("select 1 +");

        Assert.Equal("syntax error at end of input.", (string)problem["detail"]!);
        Assert.Equal(11, (int)problem["position"]!);
    }

    [Fact]
    public async Task A_sample_of_a_view_is_refused_with_a_way_out() =>
        Assert.Contains("random()", (string)(await sql.RefusedAsync("select * from attempts tablesample system (1)"))["detail"]!, StringComparison.Ordinal);

    [Fact]
    public async Task On_a_server_of_others_the_database_needs_to_allow_temporary_views()
    {
        var database = await sql.CreateDatabaseAsync();
        await using var owner = new ApiServer(database);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await owner.ExecuteAsync($"""
            create role api_{name} login password 'secret'; grant select on all tables in schema public to api_{name}; grant usage on schema activity to api_{name};
            grant select on all tables in schema activity to api_{name};
            create role reader_{name} login password 'secret'; grant usage on schema activity to reader_{name}; grant select on all tables in schema activity to reader_{name};
            revoke temporary on database "{name}" from public
            """);
        var plain = new NpgsqlConnectionStringBuilder(database) { Username = $"api_{name}", Password = "secret" }.ConnectionString;
        var reader = new NpgsqlConnectionStringBuilder(database) { Username = $"reader_{name}", Password = "secret" }.ConnectionString;
        await using var api = new ApiServer(plain, settings: ("ConnectionStrings:activity-sql", reader));

        var (status, problem) = await SqlApi.SendAsync(api.Client, "select count(*) from attempts");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("TEMPORARY", (string)problem["detail"]!, StringComparison.Ordinal);

        await owner.ExecuteAsync($"grant temporary on database \"{name}\" to api_{name}");
        Assert.Equal(HttpStatusCode.OK, (await SqlApi.SendAsync(api.Client, "select count(*) from attempts")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SqlApi.SendAsync(api.Client, "select count(*) from pg_stat_activity")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SqlApi.SendAsync(api.Client, "select ('select 1'::text).ts_stat")).Status);
    }

    [Fact]
    public async Task Answers_and_options_are_a_row_each()
    {
        var answers =
            await sql.AskAsync("select user_exam_id, question_id, result, correct, options, options_checked, answered_at from answers order by 1, position");
        var options =
            await sql.AskAsync("select option_id, is_correct, checked, answered_at from answer_options where user_exam_id = 'a2' order by option_position");

        Assert.Equal(
            """[{"user_exam_id":"a1","question_id":"q1","result":"correct","correct":true,"options":2,"options_checked":1,"answered_at":"2018-01-01T10:02:00Z"},{"user_exam_id":"a1","question_id":"q2","result":"unanswered","correct":false,"options":1,"options_checked":0,"answered_at":null},{"user_exam_id":"a2","question_id":"q1","result":"incorrect","correct":false,"options":2,"options_checked":1,"answered_at":"2018-01-02T10:01:00Z"}]""",
            answers.ToJsonString());
        Assert.Equal(
            """[{"option_id":"wrong","is_correct":false,"checked":true,"answered_at":"2018-01-02T10:01:00Z"},{"option_id":"right","is_correct":true,"checked":false,"answered_at":null}]""",
            options.ToJsonString());
    }

    [Fact]
    public async Task The_views_say_the_same_as_the_endpoints()
    {
        var summary = await sql.Api.GetAsync("/api/summary");
        var totals = (await sql.AskAsync("table totals"))[0]!;
        foreach (var (name, value) in totals.AsObject())
        {
            Assert.Equal((long)summary[Regex.Replace(name, "_(.)", letter => letter.Groups[1].Value.ToUpperInvariant())]!, (long)value!);
        }

        var courses = (await sql.Api.GetAsync("/api/courses?sort=name"))["courses"]!.AsArray();
        foreach (var (course, row) in courses.Zip(await sql.AskAsync("select * from courses order by course collate \"C\"")))
        {
            Assert.Equal((string)course!["name"]!, (string)row!["course"]!);
            Assert.Equal((long)course["students"]!, (long)row["students"]!);
            Assert.Equal((double?)course["meanScore"], (double?)row["mean_score"]);
            Assert.Equal((double?)course["passRate"] is { } rate ? rate * (long)course["attempts"]! / 100 : 0, (long)row["passed"]!, 1e-9);
        }
    }

    [Fact]
    public async Task The_schema_describes_every_column_of_every_view()
    {
        var views = (await sql.Api.GetAsync("/api/schema"))["views"]!.AsArray();

        Assert.Equal(
            ["answer_options", "answers", "attempts", "courses", "dead_letters", "duration_counts", "events", "exam_version_questions", "exam_versions",
                "exams", "options", "questions", "score_counts", "start_counts", "totals"],
            views.Select(view => (string)view!["name"]!));
        Assert.All(views, view => Assert.NotEmpty((string)view!["description"]!));
        Assert.All(views.SelectMany(view => view!["columns"]!.AsArray()), column => Assert.NotEmpty((string)column!["description"]!));
        Assert.All(views.SelectMany(view => view!["columns"]!.AsArray()), column => Assert.NotEmpty((string)column!["type"]!));
    }

    [Fact]
    public async Task Every_ready_made_query_runs()
    {
        var queries = (await sql.Api.GetAsync("/api/schema/queries"))["queries"]!.AsArray();

        Assert.NotEmpty(queries);
        foreach (var query in queries)
        {
            Assert.NotEmpty((string)query!["question"]!);
            Assert.NotEmpty(await sql.AskAsync((string)query["sql"]!));
        }
    }

    [Fact]
    public async Task Two_databases_of_one_server_have_two_roles()
    {
        var other = await sql.CreateDatabaseAsync();
        await using var api = new ApiServer(other);
        Assert.Equal(HttpStatusCode.OK, (await SqlApi.SendAsync(api.Client, "select 1")).Status);
        var mine = (string)(await sql.AskAsync("select current_user"))[0]!["current_user"]!;
        var its = (string)(await SqlApi.SendAsync(api.Client, "select current_user")).Answer["rows"]![0]!["current_user"]!;

        Assert.NotEqual(mine, its);
    }

    [Fact]
    public async Task Two_processes_over_one_database_share_its_role()
    {
        var database = await sql.CreateDatabaseAsync();
        await using var one = new ApiServer(database);
        await using var two = new ApiServer(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => SqlApi.SendAsync(i % 2 == 0 ? one.Client : two.Client, "select current_user")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Single(answers.Select(answer => answer.Answer.ToJsonString()).Distinct());
    }

    [Fact]
    public async Task Where_no_role_can_be_made_it_says_what_a_DBA_should_do()
    {
        var database = await sql.CreateDatabaseAsync();
        await using var owner = new ApiServer(database);
        var name = $"plain_{new NpgsqlConnectionStringBuilder(database).Database}";
        await owner.ExecuteAsync($"create role {name} login password 'secret'; grant select on all tables in schema public to {name}");
        await using var plain = new ApiServer(new NpgsqlConnectionStringBuilder(database) { Username = name, Password = "secret" }.ConnectionString);

        var (status, problem) = await SqlApi.SendAsync(plain.Client, "select 1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("ask-by-sql.md", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_a_DBA_made_is_used_unless_it_may_too_much()
    {
        var database = await sql.CreateDatabaseAsync();
        await using var owner = new ApiServer(database);
        var name = $"given_{new NpgsqlConnectionStringBuilder(database).Database}";
        await owner.ExecuteAsync(
            $"create role {name} login password 'secret'; grant usage on schema activity to {name}; grant select on all tables in schema activity to {name}");
        var given = new NpgsqlConnectionStringBuilder(database) { Username = name, Password = "secret" }.ConnectionString;
        await using (var api = new ApiServer(database, settings: ("ConnectionStrings:activity-sql", given)))
        {
            Assert.Equal(name, (string)(await SqlApi.SendAsync(api.Client, "select current_user")).Answer["rows"]![0]!["current_user"]!);
        }

        foreach (var (grant, complaint) in new[]
        {
            ($"grant select (user_exam_id) on public.attempts to {name}", "outside the schema"),
            ($"alter role {name} createdb", "administrator"),
        })
        {
            await owner.ExecuteAsync(grant);
            await using var api = new ApiServer(database, settings: ("ConnectionStrings:activity-sql", given));
            var (status, problem) = await SqlApi.SendAsync(api.Client, "select 1");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Contains(complaint, (string)problem["detail"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_views_it_says_that_there_are_none_yet_and_answers_once_there_are()
    {
        var database = await sql.CreateDatabaseAsync();
        await using var api = new ApiServer(database);
        await api.ExecuteAsync("alter schema activity rename to hidden");
        var (status, problem) = await SqlApi.SendAsync(api.Client, "select 1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("no views yet", (string)problem["detail"]!, StringComparison.Ordinal);

        await api.ExecuteAsync("alter schema hidden rename to activity");
        Assert.Equal(HttpStatusCode.OK, (await SqlApi.SendAsync(api.Client, "select 1")).Status);
    }
}
