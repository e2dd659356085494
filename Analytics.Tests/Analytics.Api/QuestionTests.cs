using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Assessments;

namespace Analytics.Tests.Analytics.Api;

public sealed class QuestionTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    // Twelve takers of five questions: 1 is correct, 0 incorrect, m missed_some, u unanswered, - not shown.
    private static readonly string[] Answers =
        ["11111", "11110", "1110u", "11100", "11m00", "10100", "11010", "1uu00", "0100u", "10001", "00000", "11111"];

    // Mean, deviation, alpha and the rest by the textbook's sums, worked out apart from this program (ordinary floating point, no shared code).
    [Fact]
    public async Task An_exam_and_its_questions_are_described_by_classical_test_theory()
    {
        var exam = await AnalyseAsync("11111", "11110", "11101", "11100", "11000", "10100", "11010", "10000", "01000", "10001", "00000", "11111");

        Assert.Equal(12, (long)exam["complete"]!);
        Assert.Equal(53.33333333333333, (double)exam["meanScore"]!, 1e-9);
        Assert.Equal(32.28659539846595, (double)exam["standardDeviation"]!, 1e-9);
        Assert.Equal(0.028811726558934228, (double)exam["skewness"]!, 1e-9);
        Assert.Equal(-0.9655489453758779, (double)exam["kurtosis"]!, 1e-9);
        Assert.Equal(0.6976744186046511, (double)exam["alpha"]!, 1e-9);
        Assert.Equal(17.752507291971895, (double)exam["standardError"]!, 1e-9);
        Assert.Equal(54.984141476915774, (double)exam["errorRatio"]!, 1e-9);

        (string Id, double[] Figures)[] questions =
        [
            ("q0", [83.33333333333334, 38.92494720807614, 0.6172839506172839, 0.6269156688215359, 0.4437601569801834, 72.72727272727273, 17.44329139154366,
                0.6564102564102565]),
            ("q1", [66.66666666666666, 49.23659639173309, 0.6666666666666666, 0.64811892391357, 0.41079191812887456, 50.0, 19.94716684663055,
                0.6666666666666665]),
            ("q2", [50.0, 52.22329678670935, 0.9753086419753086, 0.7548294124240688, 0.5494422557947561, 66.66666666666666, 22.170036442106557,
                0.60377358490566]),
            ("q3", [33.33333333333333, 49.2365963917331, 0.8086419753086419, 0.7243682090798721, 0.5197011503876874, 64.70588235294119, 21.08791100431299,
                0.6190476190476191]),
            ("q4", [33.33333333333333, 49.2365963917331, 0.7839506172839505, 0.6099942813304187, 0.35921060405354976, 47.058823529411775, 19.35159431540624,
                0.6881720430107526]),
        ];
        string[] names =
            ["facility", "standardDeviation", "discriminationIndex", "pointBiserial", "itemRest", "discriminativeEfficiency", "effectiveWeight",
                "alphaIfDeleted"];
        foreach (var (id, figures) in questions)
        {
            var question = Question(exam, id);
            Assert.All(names.Zip(figures), figure => Assert.Equal(figure.Second, (double)question[figure.First]!, 1e-9));
            Assert.Equal(20, (double)question["intendedWeight"]!);
        }
    }

    [Fact]
    public async Task Wrong_incomplete_and_missing_answers_are_counted_apart_and_all_count_as_wrong()
    {
        var exam = await AnalyseAsync(Answers);

        Assert.Equal(["q4", "q3", "q2", "q1", "q0"], exam["questions"]!.AsArray().Select(question => (string)question!["questionId"]!));
        var question = Question(exam, "q2");
        Assert.Equal(6, (long)question["correct"]!);
        Assert.Equal(4, (long)question["incorrect"]!);
        Assert.Equal(1, (long)question["missedSome"]!);
        Assert.Equal(1, (long)question["omitted"]!);
        Assert.Equal(50, (double)question["facility"]!);
    }

    [Fact]
    public async Task Options_tell_how_often_each_was_chosen()
    {
        var options = Question(await AnalyseAsync(Answers), "q2")["options"]!.AsArray();

        Assert.Equal(["right", "wrong"], options.Select(option => (string)option!["optionId"]!));
        Assert.Equal([12, 12], options.Select(option => (long)option!["shown"]!));
        Assert.Equal([6, 4], options.Select(option => (long)option!["chosen"]!));
        Assert.True((bool)options[0]!["isCorrect"]!);
    }

    [Fact]
    public async Task A_version_that_is_asked_for_has_the_counts_and_options_of_its_own_attempts()
    {
        var version = Convert.ToHexStringLower(SHA256.HashData("q0\0q2"u8))[..32];

        var exam = Assert.Single(await AskAsync($"?version={version}", ["11-", "10-", "01-", "1-1", "m-0", "u-0"]));

        Assert.Equal((6, 3, 2), ((int)exam["attempts"]!, (int)exam["complete"]!, exam["questions"]!.AsArray().Count));
        var question = Question(exam, "q0");
        Assert.Equal([3, 1, 0, 1, 1], ((string[])["attempts", "correct", "incorrect", "missedSome", "omitted"]).Select(count => (int)question[count]!));
        Assert.Equal([3, 3], question["options"]!.AsArray().Select(option => (long)option!["shown"]!));
        Assert.Equal([1, 0], question["options"]!.AsArray().Select(option => (long)option!["chosen"]!));
        Assert.Equal([3, 3], Question(exam, "q2")["options"]!.AsArray().Select(option => (long)option!["shown"]!));
    }

    [Fact]
    public async Task Attempts_that_were_not_shown_every_question_count_for_those_that_they_were_shown()
    {
        var exam = await AnalyseAsync("11", "10", "00", "1-", "1-");

        Assert.Equal(5, (long)exam["attempts"]!);
        Assert.Equal(3, (long)exam["complete"]!);
        Assert.Equal([1, 1, 1], exam["totals"]!.AsArray().Select(attempts => (int)attempts!));
        Assert.Equal(50, (double)exam["meanScore"]!);
        Assert.Equal(80, (double)Question(exam, "q0")["facility"]!);
    }

    [Fact]
    public async Task An_odd_attempt_with_one_question_more_changes_no_figure_of_the_exam()
    {
        var usual = await AnalyseAsync("111-", "110-", "101-", "100-", "000-");

        var exam = await AnalyseAsync("111-", "110-", "101-", "100-", "000-", "0001");

        string[] figures = ["length", "complete", "meanScore", "standardDeviation", "alpha", "standardError", "skewness", "kurtosis"];
        Assert.Equal(figures.Select(figure => usual[figure]?.ToJsonString()), figures.Select(figure => exam[figure]?.ToJsonString()));
        string[] related = ["itemRest", "pointBiserial", "discriminationIndex", "discriminativeEfficiency", "effectiveWeight", "alphaIfDeleted"];
        Assert.Equal(
            related.Select(figure => Question(usual, "q1")[figure]?.ToJsonString()), related.Select(figure => Question(exam, "q1")[figure]?.ToJsonString()));
        Assert.Equal(6, (long)exam["attempts"]!);
        Assert.Equal(6, (long)Question(exam, "q1")["attempts"]!);

        var odd = Question(exam, "q3");
        Assert.Equal(1, (long)odd["correct"]!);
        Assert.All(related, figure => Assert.Null(odd[figure]));
        Assert.Contains("3 questions", (string)odd["reason"]!, StringComparison.Ordinal);
    }

    // Each question by the attempts that drew it; figures by R's cor() over these, such as cor(c(1,1,0,0), c(2,1,1,0)) for q0.
    [Fact]
    public async Task Questions_drawn_from_a_pool_are_related_to_the_totals_of_those_who_drew_them()
    {
        var exam = await AnalyseAsync("11-", "1-0", "0-1", "00-", "-11", "-10");

        Assert.Equal((2, 6), ((int)exam["length"]!, (int)exam["complete"]!));
        Assert.Equal(58.333333333333336, (double)exam["meanScore"]!, 1e-9);
        Assert.Null(exam["alpha"]);
        Assert.Null(exam["standardError"]);
        Assert.Contains("not all shown the same", (string)exam["reason"]!, StringComparison.Ordinal);
        var question = Question(exam, "q0");
        Assert.Equal(4, (long)question["attempts"]!);
        Assert.Equal(0.7071067811865475, (double)question["pointBiserial"]!, 1e-9);
        Assert.Equal(0, (double)question["itemRest"]!, 1e-9);
        Assert.Equal(0.5773502691896258, (double)Question(exam, "q1")["itemRest"]!, 1e-9);
        Assert.Null(question["alphaIfDeleted"]);
        Assert.Null(question["effectiveWeight"]);
        Assert.Equal(50, (double)question["intendedWeight"]!);
    }

    [Fact]
    public async Task Of_two_lengths_that_as_many_attempts_have_the_greater_is_the_exams()
    {
        var exam = await AnalyseAsync("11", "00", "1-", "0-");

        Assert.Equal((2, 2), ((int)exam["length"]!, (int)exam["complete"]!));
    }

    [Fact]
    public async Task What_cannot_be_computed_is_null_with_its_reason()
    {
        (string Reason, string[] Takers)[] cases =
            [("Only one attempt", ["10"]), ("same score", ["11", "11", "11"]), ("One question alone", ["1", "0", "1", "1"])];

        var exams = await AskAsync("", [.. cases.Select(one => one.Takers)]);

        Assert.All(exams.Zip(cases), one =>
        {
            var (exam, reason) = (one.First, one.Second.Reason);
            Assert.Null(exam["alpha"]);
            Assert.Contains(reason, (string)exam["reason"]!, StringComparison.Ordinal);
            var question = Question(exam, "q0");
            Assert.Null(question["itemRest"]);
            Assert.NotNull(question["reason"]);
        });
    }

    [Fact]
    public async Task An_exam_without_questions_says_so()
    {
        var course = await world.Api.GetAsync("/api/courses/cafe-c-sharp/questions");

        var exam = Assert.Single(course["exams"]!.AsArray())!;
        Assert.Empty(exam["questions"]!.AsArray());
        Assert.Null(exam["meanScore"]);
        Assert.Contains("has questions", (string)exam["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_gets_a_plain_verdict_by_a_rule()
    {
        (string Verdict, string Answers)[] cases =
        [
            ("too few took it to judge", "11 10 01 00"),
            ("nearly everybody fails", "01*20 00*20 11*2"),
            ("nearly everybody passes", "11*40 10*40 00*1"),
            ("the best do worse than the weakest: check the key", "011*15 100*15 111*3"),
            ("many leave it out", "11*20 00*5 u0*10"),
            ("hardly tells the strong from the weak", "11*20 10*20 01*19 00*20"),
            ("a wrong option draws more than any right one", "11*10 00*15 01*2"),
            ("sound", "11*20 10*5 01*5 00*10"),
        ];

        var exams = await AskAsync("", [.. cases.Select(one => Takers(one.Answers))]);

        Assert.Equal(cases.Select(one => one.Verdict), exams.Select(exam => (string)Question(exam, "q0")["verdict"]!));
        Assert.All(exams, exam => Assert.NotEmpty((string)Question(exam, "q0")["rule"]!));

        static string[] Takers(string answers) =>
        [
            .. answers.Split(' ').Select(part => part.Split('*'))
                .SelectMany(part => Enumerable.Repeat(part[0], part.Length == 1 ? 1 : int.Parse(part[1], CultureInfo.InvariantCulture))),
        ];
    }

    [Theory]
    [InlineData("/api/courses/cobol/questions", HttpStatusCode.NotFound)]
    [InlineData("/api/courses/once/questions?exam=git-a", HttpStatusCode.NotFound)]
    [InlineData("/api/courses/once/questions?sort=facility", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_is_refused(string path, HttpStatusCode status)
    {
        Assert.NotEmpty(await world.Api.RefusedAsync(path, status));
    }

    private static JsonNode Question(JsonNode exam, string id) =>
        exam["questions"]!.AsArray().Single(question => (string)question!["questionId"]! == id)!;

    private async Task<JsonNode> AnalyseAsync(params string[] takers) => (await AskAsync("", takers))[0];

    /// <summary>Asks for the course c of these exams.</summary>
    private async Task<JsonNode[]> AskAsync(string query, params string[][] exams)
    {
        var database = await world.CreateFirstDatabaseAsync();
        await using var api = new ApiServer(database);
        await api.ExecuteAsync(Insert(exams));
        await DatabaseSchema.MigrateAsync(database, TestContext.Current.CancellationToken);
        var answer = await api.GetAsync($"/api/courses/c/questions{query}");
        return [.. answer["exams"]!.AsArray().Select(exam => exam!).OrderBy(exam => (string)exam["baseExamId"]!, StringComparer.Ordinal)];
    }

    // One right and one wrong option a question; who is correct chose the right one, who is incorrect the wrong one.
    private static string Insert(string[][] exams)
    {
        var sql = new StringBuilder("insert into courses (name, slug) values ('C', 'c');");
        var (attempts, items) = (0, 0);
        for (var exam = 1; exam <= exams.Length; exam++)
        {
            var takers = exams[exam - 1];
            sql.Append(CultureInfo.InvariantCulture, $"insert into exams (course_id, base_exam_id) values (1, 'e{exam}');");
            for (var item = 0; item < takers[0].Length; item++)
            {
                sql.Append(CultureInfo.InvariantCulture, $"insert into items (exam_id, question_id) values ({exam}, 'q{item}');");
                var id = items + item + 1;
                sql.Append(CultureInfo.InvariantCulture,
                    $"insert into item_options (item_id, option_id, is_correct) values ({id}, 'right', true), ({id}, 'wrong', false);");
            }

            foreach (var taker in takers)
            {
                attempts++;
                sql.Append(
                    CultureInfo.InvariantCulture,
                    $"insert into attempts (user_exam_id, keen_id, version, exam_id, certification) values ('a{attempts}', 'k{attempts}', 1, {exam}, false);");
                for (var item = 0; item < taker.Length; item++)
                {
                    var (result, right, wrong) = taker[item] switch
                    {
                        '1' => ("correct", true, false),
                        '0' => ("incorrect", false, true),
                        'm' => ("missed_some", false, false),
                        'u' => ("unanswered", false, false),
                        _ => ("", false, false),
                    };
                    if (result.Length > 0)
                    {
                        var id = items + item + 1;
                        sql.Append(CultureInfo.InvariantCulture, $"""
                            insert into answers (attempt_id, position, item_id, user_result, user_correct, item_option_ids, checked, submitted, answered_at) values
                              ({attempts}, {item}, {id}, '{result}', {right}, array[{id * 2 - 1}, {id * 2}],
                              array[{right}, {wrong}], array[{right}, {wrong}], array[null, null]::timestamptz[]);
                            """);
                    }
                }
            }

            items += takers[0].Length;
        }

        return sql.ToString();
    }
}
