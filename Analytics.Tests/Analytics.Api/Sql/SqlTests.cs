using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
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
            """{"columns":[{"name":"course","type":"text"},{"name":"attempts","type":"bigint"},{"name":"mean_score","type":"double precision"}],"rows":[{"course":"Learning Git","attempts":5,"mean_score":72.5},{"course":"Café & C#","attempts":1,"mean_score":null}]}""",
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
    public async Task SQL_as_people_write_it_is_taken(string statement, double expected) =>
        Assert.Equal(expected, (double)(await sql.AskAsync(statement))[0]!.AsObject().First().Value!);

    [Fact]
    public async Task A_plan_is_explained() =>
        Assert.Contains("cost=", (string)(await sql.AskAsync("explain select * from attempts"))[0]!["QUERY PLAN"]!, StringComparison.Ordinal);

    [Fact]
    public async Task Answers_and_options_are_a_row_each()
    {
        var answers = await sql.AskAsync("select user_exam_id, question_id, result, correct, options, options_checked, answered_at from answers order by 1, position");
        var options = await sql.AskAsync("select option_id, is_correct, checked, answered_at from answer_options where user_exam_id = 'a2' order by option_position");

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
            Assert.Equal((long)summary[name]!, (long)value!);
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
            ["answer_options", "answers", "attempts", "courses", "dead_letters", "duration_counts", "events", "exams", "options", "questions", "score_counts", "start_counts", "totals"],
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
        await owner.ExecuteAsync($"create role {name} login password 'secret'; grant usage on schema activity to {name}; grant select on all tables in schema activity to {name}");
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
