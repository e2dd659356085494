using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api;

/// <summary>An exam's versions: the sets of questions that its attempts were shown.</summary>
public sealed class VersionTests(AnsweredExams exams) : IClassFixture<AnsweredExams>
{
    private const string Questions = "/api/courses/c/questions";
    private const string Rasch = "/api/courses/c/questions/rasch";

    private static readonly string[] OfTotals =
        ["version", "length", "complete", "meanScore", "standardDeviation", "skewness", "kurtosis", "alpha", "standardError", "errorRatio", "totals"];

    private static readonly string[] Related =
        ["itemRest", "pointBiserial", "discriminationIndex", "discriminativeEfficiency", "effectiveWeight", "alphaIfDeleted"];

    // 25 questions, the last of which is shown to nobody but the one.
    private static readonly string[] Usual = [.. Patterns(799, 25).Select(pattern => $"{pattern}-")];
    private const string Odd = "-0101101110101101011010111";

    [Fact]
    public async Task One_attempt_of_800_with_another_question_takes_nothing_from_alpha_and_Rasch()
    {
        await using var without = new ApiServer(await exams.CreateDatabaseAsync(Usual));
        await using var with = new ApiServer(await exams.CreateDatabaseAsync([.. Usual, Odd]));

        var (usual, exam) = (await ExamAsync(without, Questions), await ExamAsync(with, Questions));

        Assert.NotNull(exam["alpha"]);
        Assert.Null(exam["reason"]);
        Assert.Equal(NameOf(0, 25), (string)exam["version"]!);
        Assert.All(OfTotals, figure => Assert.Equal(usual[figure]!.ToJsonString(), exam[figure]!.ToJsonString()));
        foreach (var question in usual["questions"]!.AsArray())
        {
            Assert.All(
                Related, figure => Assert.Equal(question![figure]!.ToJsonString(), Question(exam, (string)question["questionId"]!)[figure]!.ToJsonString()));
        }

        var (plain, calibrated) = (await ExamAsync(without, Rasch), await ExamAsync(with, Rasch));
        Assert.NotNull(calibrated["logLikelihood"]);
        Assert.All(
            ["version", "attempts", "informative", "logLikelihood", "separationReliability", "questions", "abilities"],
            figure => Assert.Equal(plain[figure]!.ToJsonString(), calibrated[figure]!.ToJsonString()));
    }

    [Fact]
    public async Task The_answers_list_the_versions_and_count_a_question_over_all_that_were_shown_it()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync([.. Usual, Odd]));
        await api.ExecuteAsync("update attempts set started_at = '2018-01-01Z'::timestamptz + split_part(user_exam_id, '-', 1)::int * interval '1 day'");

        foreach (var path in (string[])[Questions, Rasch])
        {
            var exam = await ExamAsync(api, path);
            Assert.Equal(
                $$"""[{"version":"{{NameOf(0, 25)}}","questions":25,"attempts":799,"firstStart":"2018-01-02T00:00:00+00:00","lastStart":"2020-03-10T00:00:00+00:00"},"""
                    + $$"""{"version":"{{NameOf(1, 26)}}","questions":25,"attempts":1,"firstStart":"2020-03-11T00:00:00+00:00","lastStart":"2020-03-11T00:00:00+00:00"}]""",
                exam["versions"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
            Assert.False((bool)exam["hasMoreVersions"]!);
        }

        var analysis = await ExamAsync(api, Questions);
        Assert.Equal((800, 799, 26), ((int)analysis["attempts"]!, (int)analysis["complete"]!, analysis["questions"]!.AsArray().Count));
        Assert.Equal([800L, 799, 1], ((string[])["q1", "q0", "q25"]).Select(id => (long)Question(analysis, id)["attempts"]!));
        Assert.Null(Question(analysis, "q25")["itemRest"]);
        Assert.Contains("other versions", (string)Question(analysis, "q25")["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_asked_for_is_answered_as_if_there_were_no_other()
    {
        var first = Patterns(60, 6, seed: 1).Select(pattern => $"{pattern}-").ToArray();
        var second = Patterns(40, 6, seed: 2).Select(pattern => $"-{pattern}").ToArray();
        await using var both = new ApiServer(await exams.CreateDatabaseAsync([.. first, .. second]));
        await using var alone = new ApiServer(await exams.CreateDatabaseAsync(second));

        foreach (var path in (string[])[Questions, Rasch])
        {
            var (asked, expected) = (await ExamAsync(both, $"{path}?version={NameOf(1, 7)}"), await ExamAsync(alone, path));
            foreach (var (name, value) in expected.AsObject().Where(field => field.Key is not ("attempts" or "versions")))
            {
                Assert.Equal(value?.ToJsonString(), asked[name]?.ToJsonString());
            }

            Assert.Equal(2, asked["versions"]!.AsArray().Count);
            Assert.Equal(NameOf(0, 6), (string)(await ExamAsync(both, path))["version"]!);
        }
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public async Task Of_versions_that_as_many_attempts_had_the_one_that_was_started_last_is_the_exams(int newest, int firstQuestion)
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync("11-", "10-", "00-", "-11", "-10", "-00"));
        await api.ExecuteAsync($"update attempts set started_at = '2018-01-01Z'::timestamptz + (user_exam_id = '{newest}-1')::int * interval '1 day'");

        Assert.Equal(NameOf(firstQuestion, firstQuestion + 2), (string)(await ExamAsync(api, Questions))["version"]!);
        Assert.Equal(NameOf(firstQuestion, firstQuestion + 2), (string)(await ExamAsync(api, Rasch))["version"]!);
    }

    [Theory]
    [InlineData(3, 2, 2, true)] // 3 of 7 are more than a third
    [InlineData(3, 3, 3, false)]
    public async Task Without_a_version_that_more_than_a_third_had_the_exam_is_answered_as_a_whole(int first, int second, int third, bool hasVersion)
    {
        string[] takers = ["111-", "101-", "001-", .. Enumerable.Repeat("10-1", second), .. Enumerable.Repeat("0-11", third)];
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(takers));

        var exam = await ExamAsync(api, Questions);

        Assert.Equal(hasVersion ? NameOf(0, 3) : null, (string?)exam["version"]);
        Assert.Equal(hasVersion ? first : takers.Length, (int)exam["complete"]!);
        Assert.Equal(hasVersion, exam["reason"]?.ToString().Contains("third", StringComparison.Ordinal) is not true);
    }

    // Each attempt draws 4 of 12 questions, and some draw the same.
    [Fact]
    public async Task An_exam_that_draws_its_questions_from_a_pool_is_answered_over_all_attempts_and_lists_few_versions()
    {
        var random = new Random(12);
        string[] takers = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            var drawn = Enumerable.Range(0, 12).ToArray();
            random.Shuffle(drawn);
            return string.Concat(Enumerable.Range(0, 12).Select(item => Array.IndexOf(drawn, item) < 4 ? (char)('0' + random.Next(2)) : '-'));
        })];
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(takers));

        var exam = await ExamAsync(api, Questions);

        Assert.Null(exam["version"]);
        Assert.Equal((200, 4, 200), ((int)exam["attempts"]!, (int)exam["length"]!, (int)exam["complete"]!));
        Assert.Equal(20, exam["versions"]!.AsArray().Count);
        Assert.True((bool)exam["hasMoreVersions"]!);
        Assert.Contains("not all shown the same", (string)exam["reason"]!, StringComparison.Ordinal);
        for (var item = 0; item < 12; item++)
        {
            var question = Question(exam, $"q{item}");
            Assert.Equal(takers.Count(taker => taker[item] != '-'), (int)question["attempts"]!);
            Assert.Equal(100.0 * takers.Count(taker => taker[item] == '1') / takers.Count(taker => taker[item] != '-'), (double)question["facility"]!, 1e-9);
            Assert.NotNull(question["itemRest"]);
        }

        var listed = exam["versions"]!.AsArray().Select(version => (string)version!["version"]!).ToHashSet();
        var sets = takers.GroupBy(taker => string.Concat(taker.Select(answer => answer == '-' ? '-' : 'x')));
        var rare = sets.Select(set => (Name: NameOf([.. Enumerable.Range(0, 12).Where(item => set.Key[item] == 'x')]), Attempts: set.Count())).First(
            set => !listed.Contains(set.Name));
        var asked = await ExamAsync(api, $"{Questions}?version={rare.Name}");
        Assert.Equal((rare.Name, rare.Attempts, 4), ((string)asked["version"]!, (int)asked["complete"]!, asked["questions"]!.AsArray().Count));
        Assert.Equal(21, asked["versions"]!.AsArray().Count);
        Assert.Contains("among others", await api.RefusedAsync($"{Questions}?version=none", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_no_exam_has_is_refused_with_those_that_there_are()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync((ResponsePattern[])[new("e", "11-", 3), new("e", "1-0", 1), new("f", "01-", 2)]));

        foreach (var path in (string[])[Questions, Rasch])
        {
            Assert.Equal(
                $"There is no version \"v1\"; known are {NameOf(0, 2)} (2 questions, 3 attempts), {NameOf(0, 2)} (2 questions, 2 attempts), {NameOf([0, 2])} (2 questions, 1 attempt).",
                await api.RefusedAsync($"{path}?version=v1", HttpStatusCode.NotFound));
            Assert.Equal(
                $"There is no version \"{NameOf([0, 2])}\"; known are {NameOf(0, 2)} (2 questions, 2 attempts).",
                await api.RefusedAsync($"{path}?exam=f&version={NameOf([0, 2])}", HttpStatusCode.NotFound));

            // Two exams may ask the same questions.
            Assert.Equal(["e", "f"], (await api.GetAsync($"{path}?version={NameOf(0, 2)}"))["exams"]!.AsArray().Select(exam => (string)exam!["baseExamId"]!));
            Assert.Equal(["e"], (await api.GetAsync($"{path}?version={NameOf([0, 2])}"))["exams"]!.AsArray().Select(exam => (string)exam!["baseExamId"]!));
        }
    }

    [Fact]
    public async Task The_report_says_which_version_its_figures_are_about()
    {
        await using var api =
            new ApiServer(await exams.CreateDatabaseAsync((ResponsePattern[])[new("e", "11-", 4), new("e", "10-", 4), new("e", "00-", 4), new("e", "1-0", 1)]));

        foreach (var path in (string[])["/report?course=c", "/report.md?course=c"])
        {
            var report = WebUtility.HtmlDecode(await api.Client.GetStringAsync(path, TestContext.Current.CancellationToken));
            Assert.Contains("The exam has 2 versions (sets of questions); reliability and discrimination are about the one that 12 of 13 attempts had, the "
                + "rest about all.", report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SQL_has_the_versions_their_questions_and_each_attempts_own()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync((ResponsePattern[])[new("e", "1-0", 1), new("e", "11-", 2)]));
        await api.ExecuteAsync("update attempts set started_at = '2018-01-01Z'::timestamptz + split_part(user_exam_id, '-', 1)::int * interval '1 day'");

        Assert.Equal(
            $"exam_version,questions,attempts,first_start,last_start\r\n{NameOf(0, 2)},2,2,2018-01-03T00:00:00Z,2018-01-03T00:00:00Z\r\n{NameOf([0, 2])},2,1,2018-01-02T00:00:00Z,2018-01-02T00:00:00Z\r\n",
            await CsvAsync("select exam_version, questions, attempts, first_start, last_start from exam_versions order by attempts desc"));
        Assert.Equal("question_id\r\nq0\r\nq2\r\n",
            await CsvAsync($"select question_id from exam_version_questions where exam_version = '{NameOf([0, 2])}' order by 1"));
        Assert.Equal($"exam_version,count\r\n{NameOf([0, 2])},1\r\n{NameOf(0, 2)},2\r\n",
            await CsvAsync("select exam_version, count(*) from attempts group by 1 order by 2"));

        async Task<string> CsvAsync(string sql) =>
            await api.Client.GetStringAsync($"/api/sql?format=csv&query={Uri.EscapeDataString(sql)}", TestContext.Current.CancellationToken);
    }

    private static async Task<JsonNode> ExamAsync(ApiServer api, string path) => Assert.Single((await api.GetAsync(path))["exams"]!.AsArray())!;

    private static JsonNode Question(JsonNode exam, string id) => exam["questions"]!.AsArray().Single(question => (string)question!["questionId"]! == id)!;

    /// <summary>Takers of differing ability, and questions of differing difficulty.</summary>
    private static IEnumerable<string> Patterns(int takers, int items, int seed = 25)
    {
        var random = new Random(seed);
        for (var taker = 0; taker < takers; taker++)
        {
            var ability = random.NextDouble();
            yield return string.Concat(Enumerable.Range(0, items).Select(item => random.NextDouble() < (ability + (item + 1.0) / (items + 1)) / 2 ? '1' : '0'));
        }
    }

    /// <summary>What the version of the questions q(from) to q(to - 1) is called.</summary>
    private static string NameOf(int from, int to) => NameOf([.. Enumerable.Range(from, to - from)]);

    private static string NameOf(int[] items) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', items.Select(item => $"q{item}").Order(StringComparer.Ordinal)))))[..32];
}
