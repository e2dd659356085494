using System.Net;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Analytics.Api;

public sealed class StudentTests(StudentTests.Students students) : IClassFixture<StudentTests.Students>
{
    /// <summary>
    /// Ann took Git three times (20 %, without counts, 80 %) and SQL once (50 %), Bob Git twice (60 %, 40 %), Cy once; one attempt names nobody, one no start.
    /// </summary>
    public sealed class Students(PostgresProcess postgres) : IAsyncLifetime
    {
        private const string Rows = """
            insert into courses (name, slug) values ('Git', 'git'), ('SQL', 'sql');
            insert into exams (course_id, base_exam_id) values (1, 'git-a'), (1, 'git-b'), (2, 'sql');
            insert into events (user_exam_id, keen_id, version, exam_id, user_id, started_at, ended_at, certification, total, correct, incorrect, attempt_number, max_attempts) values
              ('a1', 'k1', 1, 1, 'ann', '2018-01-01T10:00:00Z', '2018-01-01T10:01:30.5Z', true, 5, 1, 4, 1, 3),
              ('a2', 'k2', 1, 2, 'ann', '2018-01-02T10:00:00Z', null, false, null, null, null, 2, 3),
              ('a3', 'k3', 1, 1, 'ann', '2018-01-03T10:00:00Z', null, false, 5, 4, 1, 3, 3),
              ('a4', 'k4', 1, 3, 'ann', '2018-01-02T12:00:00Z', null, false, 2, 1, 1, 1, 1),
              ('b1', 'k5', 1, 1, 'bob', '2018-01-03T10:00:00Z', null, false, 5, 3, 2, 1, 1),
              ('b2', 'k6', 1, 1, 'bob', '2018-01-04T23:30:00Z', null, false, 5, 2, 3, 2, 1),
              ('c1', 'k7', 1, 1, 'cy', '2018-01-05T10:00:00Z', null, false, 5, 5, 0, 1, 1),
              ('n1', 'k8', 1, 1, null, '2018-01-06T10:00:00Z', null, false, 5, 0, 5, 1, 1),
              ('n2', 'k9', 1, 3, null, null, null, false, 0, 0, 0, 1, 1);
            insert into course_users (course_id, user_id, attempts) values
              (0, 'ann', 4), (0, 'bob', 2), (0, 'cy', 1), (1, 'ann', 3), (1, 'bob', 2), (1, 'cy', 1), (2, 'ann', 1), (1, 'gone', 0), (0, 'gone', 0);
            insert into items (exam_id, question_id) values (1, 'q1'), (1, 'q2');
            insert into item_options (item_id, option_id, is_correct) values (1, 'right', true), (1, 'wrong', false), (2, 'right', true);
            update events set redeliveries = 2, item_ids = '{2,1}', results = '{204,298}', option_ends = '{1,3}', item_option_ids = '{3,2,1}', option_marks = '\x040803',
              answered_at = '{null,2018-01-01T10:01:30.5Z,2018-01-01T10:01:00Z}' where user_exam_id = 'a1';
            """;

        private ApiServer? _api;

        public ApiServer Api => _api!;

        public async ValueTask InitializeAsync()
        {
            var database = await postgres.CreateMigratedDatabaseAsync();
            _api = new ApiServer(database);
            await _api.ExecuteAsync(Rows);
        }

        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }

    [Fact]
    public async Task An_attempt_is_told_question_by_question_as_it_was_shown()
    {
        var attempt = await students.Api.GetAsync("/api/attempts/a1");

        Assert.Equal("git", (string)attempt["courseSlug"]!);
        Assert.Equal("ann", (string)attempt["userId"]!);
        Assert.Equal(20, (double)attempt["score"]!);
        Assert.Equal(90.5 / 60, (double)attempt["minutes"]!, 1e-12);
        Assert.Equal(3, (long)attempt["deliveries"]!);
        Assert.Equal((1, 3), ((int)attempt["attemptNumber"]!, (int)attempt["maxAttempts"]!));
        Assert.True((bool)attempt["certification"]!);
        Assert.Equal(["q2 unanswered", "q1 incorrect"], attempt["answers"]!.AsArray().Select(answer => $"{answer!["questionId"]} {answer["result"]}"));
        var answer = attempt["answers"]![1]!;
        Assert.Equal(2, (int)answer["position"]!);
        Assert.Equal("2018-01-01T10:01:30.5+00:00", (string)answer["answeredAt"]!);
        Assert.Equal(["wrong False true", "right True "],
            answer["options"]!.AsArray().Select(option => $"{option!["optionId"]} {(bool)option["isCorrect"]!} {option["checked"]}"));
        Assert.Null(attempt["answers"]![0]!["answeredAt"]);
    }

    [Fact]
    public async Task An_attempt_without_counts_or_answers_says_null_rather_than_nothing()
    {
        var attempt = await students.Api.GetAsync("/api/attempts/a2");

        Assert.Null(attempt["score"]);
        Assert.Null(attempt["minutes"]);
        Assert.Empty(attempt["answers"]!.AsArray());
        Assert.Equal(1, (long)attempt["deliveries"]!);
        Assert.Null((await students.Api.GetAsync("/api/attempts/n2"))["score"]);
    }

    [Theory]
    [InlineData("", "n1 c1 b2 b1 a3 a4 a2 a1 n2")]
    [InlineData("?course=sql", "a4 n2")]
    [InlineData("?course=git&exam=git-b", "a2")]
    [InlineData("?user=ann", "a3 a4 a2 a1")]
    [InlineData("?from=2018-01-04", "n1 c1 b2")]
    [InlineData("?from=2018-01-05&tz=Europe/Berlin", "n1 c1 b2")]
    [InlineData("?from=2018-01-02&to=2018-01-03", "b1 a3 a4 a2")]
    public async Task Attempts_are_listed_the_latest_start_first(string query, string expected)
    {
        Assert.Equal(expected, string.Join(' ', await IdsAsync($"/api/attempts{query}")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task Page_after_page_gives_every_attempt_once(int limit)
    {
        var seen = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await students.Api.GetAsync($"/api/attempts?limit={limit}{cursor}");
            seen.AddRange(page["attempts"]!.AsArray().Select(attempt => (string)attempt!["userExamId"]!));
            cursor = (string?)page["next"] is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal("n1 c1 b2 b1 a3 a4 a2 a1 n2", string.Join(' ', seen));
    }

    [Fact]
    public async Task A_page_in_another_shape_names_the_next_one_in_its_head()
    {
        using var page = await students.Api.Client.GetAsync("/api/attempts?format=csv&course=git&limit=2", TestContext.Current.CancellationToken);
        var link = Assert.Single(page.Headers.GetValues("Link"));
        var next = link[1..link.IndexOf('>', StringComparison.Ordinal)];
        var csv = await students.Api.Client.GetStringAsync(next, TestContext.Current.CancellationToken);

        Assert.Contains("rel=\"next\"", link, StringComparison.Ordinal);
        Assert.Equal(["b2", "b1"], csv.Split("\r\n")[1..3].Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task A_student_is_told_with_the_growth_in_each_course()
    {
        var ann = await students.Api.GetAsync("/api/students/ann");

        Assert.True((bool)ann["named"]!);
        Assert.Equal(4, (long)ann["attempts"]!);
        Assert.Equal(["a1 1 ", "a2 2 ", "a4 1 ", "a3 3 60"],
            ann["taken"]!.AsArray().Select(attempt => $"{attempt!["userExamId"]} {attempt["number"]} {attempt["gain"]}"));
        var (git, sql) = (ann["courses"]![0]!, ann["courses"]![1]!);
        Assert.Equal("git 3 20 80 80 60", $"{git["courseSlug"]} {git["attempts"]} {git["firstScore"]} {git["lastScore"]} {git["bestScore"]} {git["growth"]}");
        Assert.Null(sql["growth"]);
        Assert.Contains("two attempts", (string)sql["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_that_names_no_user_is_a_student_of_its_own()
    {
        var nobody = await students.Api.GetAsync("/api/students/n1");

        Assert.False((bool)nobody["named"]!);
        Assert.Equal("n1", (string)Assert.Single(nobody["taken"]!.AsArray())!["userExamId"]!);
        Assert.Contains("no student \"a1\"", await students.Api.RefusedAsync("/api/students/a1", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ann 4 20 80 80, bob 2 60 40 60, cy 1 100 100 100")]
    [InlineData("?course=git", "ann 3 20 80 80, bob 2 60 40 60, cy 1 100 100 100")]
    [InlineData("?course=sql", "ann 1 50 50 50")]
    [InlineData("?course=git&minAttempts=2", "ann 3 20 80 80, bob 2 60 40 60")]
    [InlineData("?limit=1&cursor=ann", "bob 2 60 40 60")]
    public async Task Named_users_are_listed_with_their_scores(string query, string expected)
    {
        var page = await students.Api.GetAsync($"/api/students{query}");

        Assert.Equal(expected, string.Join(", ", page["students"]!.AsArray().Select(student =>
            $"{student!["userId"]} {student["attempts"]} {student["firstScore"]} {student["lastScore"]} {student["bestScore"]}")));
        Assert.Equal(query.Contains("limit=1", StringComparison.Ordinal) ? "bob" : null, (string?)page["next"]);
    }

    [Fact]
    public async Task Growth_compares_each_attempt_with_the_same_students_first()
    {
        var growth = await students.Api.GetAsync("/api/courses/git/growth");

        Assert.Equal((3, 2), ((long)growth["students"]!, (long)growth["repeatTakers"]!));
        var steps = growth["steps"]!.AsArray();
        Assert.Equal(2, steps.Count);
        Assert.Equal((3, 60, 0), ((long)steps[0]!["students"]!, (double)steps[0]!["meanScore"]!, (double)steps[0]!["meanGain"]!));
        Assert.Equal((2, 60, 20), ((long)steps[1]!["students"]!, (double)steps[1]!["meanScore"]!, (double)steps[1]!["meanGain"]!));
        Assert.Equal(Math.Sqrt(3200), (double)steps[1]!["gainDeviation"]!, 1e-9);
        Assert.Equal(1, (long)steps[1]!["improved"]!);
        Assert.Contains("Nobody named", (string)(await students.Api.GetAsync("/api/courses/sql/growth"))["reason"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/attempts/none", HttpStatusCode.NotFound)]
    [InlineData("/api/attempts?course=none", HttpStatusCode.NotFound)]
    [InlineData("/api/attempts?cursor=1", HttpStatusCode.BadRequest)]
    [InlineData("/api/attempts?cursor=999999999999999999_1", HttpStatusCode.BadRequest)]
    [InlineData("/api/attempts?tz=Mars", HttpStatusCode.BadRequest)]
    [InlineData("/api/attempts?from=2018-01-02&to=2018-01-01", HttpStatusCode.BadRequest)]
    [InlineData("/api/attempts?limit=1001", HttpStatusCode.BadRequest)]
    [InlineData("/api/students?course=none", HttpStatusCode.NotFound)]
    [InlineData("/api/students?minAttempts=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/courses/none/growth", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_refused(string path, HttpStatusCode status)
    {
        Assert.NotEmpty(await students.Api.RefusedAsync(path, status));
    }

    private async Task<IEnumerable<string>> IdsAsync(string path) =>
        (await students.Api.GetAsync(path))["attempts"]!.AsArray().Select(attempt => (string)attempt!["userExamId"]!);
}
