using System.Net;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api.Filters;

/// <summary>
/// Every GET that the OpenAPI document lists with every filter: it is applied, or refused with the reason. A new endpoint that forgets one fails here.
/// </summary>
[Collection(nameof(TakenWorld))]
public sealed class FilterMatrixTests(TakenWorld world)
{
    private static readonly string[] Words = ["course", "exam", "version", "from", "to", "tz", "user", "take", "passMark"];

    // A saved query has parameters of its own, whatever they are called.
    private const string SavedQuery = "/api/queries/{name}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_endpoint_applies_each_filter_or_says_why_not()
    {
        var python = world.Attempts.Where(attempt => attempt.Course == "Introduction to Python").ToList();
        var ofOne = python.Where(attempt => attempt.IsNamed).GroupBy(attempt => attempt.Student)
            .First(attempts => attempts.GroupBy(attempt => attempt.Exam).Any(atExam => atExam.Count() > 1) && attempts.Any(IsLate));
        var (student, day) = (ofOne.Key, $"{ofOne.First(IsLate).StartedAt.UtcDateTime:yyyy-MM-dd}");
        var rarer = python.GroupBy(attempt => attempt.Exam).MinBy(attempts => attempts.Count())!.Key;
        var exam = (await world.Api.GetAsync($"/api/courses/introduction-to-python/questions?exam={rarer}"))["exams"]![0]!;
        var (version, question) = ((string)exam["version"]!, (string)exam["questions"]![0]!["questionId"]!);
        var values = new Dictionary<string, string>
        {
            ["course"] = "introduction-to-python",
            ["exam"] = rarer,
            ["version"] = version,
            ["from"] = "2019-01-01",
            ["to"] = "2017-12-15",
            ["user"] = student,
            ["take"] = "first",
            ["passMark"] = "20",
        };

        foreach (var (path, operation) in await GetsAsync())
        {
            var address = AddressOf(path, ofOne.First(), rarer, question);
            var taken = operation["parameters"]?.AsArray().Select(parameter => (string)parameter!["name"]!).ToHashSet() ?? [];
            var all = taken.Overlaps(Words) ? await TextAsync(address) : "";
            foreach (var word in Words.Where(word => !address.Contains($"{word}=", StringComparison.Ordinal)))
            {
                var filter = word == "tz" ? "tz=Pacific/Kiritimati" : $"{word}={values[word]}";
                if (!taken.Contains(word))
                {
                    var (status, refusal) = await AnswerAsync($"{address}{filter}");
                    Assert.True(status == HttpStatusCode.BadRequest && refusal.Contains($"The parameter {word} says nothing here: ", StringComparison.Ordinal),
                        $"{path} passes {word} over: {refusal}");
                }
                else if (word == "tz")
                {
                    if (address.Contains("question=", StringComparison.Ordinal))
                    {
                        continue; // That day has no attempt at the question's exam in any zone.
                    }

                    Assert.True(await TextAsync($"{address}from={day}&to={day}") != await TextAsync($"{address}from={day}&to={day}&{filter}"),
                        $"{path} takes tz and does not apply it");
                }
                else
                {
                    // Of a question's exam there may be one version, and no attempt in a year: then that is the answer.
                    var answer = address.Contains("question=", StringComparison.Ordinal)
                        ? (await AnswerAsync($"{address}{(word == "version" ? $"version={new string('0', version.Length)}" : filter)}")).Text
                        : await TextAsync($"{address}{filter}");
                    Assert.True(all != answer, $"{path} takes {word} and does not apply it");
                }
            }
        }
    }

    [Fact]
    public async Task What_is_not_there_is_refused_by_every_endpoint_with_the_nearest_that_is()
    {
        var known = world.Attempts.First(attempt => attempt is { Course: "Learning Git", IsNamed: true });
        var exam = (await world.Api.GetAsync($"/api/courses/learning-git/questions?exam={known.Exam}"))["exams"]![0]!;
        var (version, question) = ((string)exam["version"]!, (string)exam["questions"]![0]!["questionId"]!);
        foreach (var (path, operation) in await GetsAsync())
        {
            var taken = operation["parameters"]?.AsArray().Select(parameter => (string)parameter!["name"]!).ToHashSet() ?? [];
            var address = AddressOf(path, known, known.Exam, question);
            foreach (var (word, wrong, right, status) in (IEnumerable<(string, string, string, HttpStatusCode)>)
                [
                    ("course", "lerning-git", "learning-git", HttpStatusCode.NotFound), ("exam", $"{known.Exam}0", known.Exam, HttpStatusCode.NotFound),
                    ("version", version[..^1], version, HttpStatusCode.NotFound), ("user", $"{known.Student}x", known.Student[..^2], HttpStatusCode.NotFound),
                    ("tz", "Europe/Berln", "Europe/Berlin", HttpStatusCode.BadRequest), ("take", "frist", "first", HttpStatusCode.BadRequest),
                ])
            {
                if (taken.Contains(word) && !address.Contains($"{word}=", StringComparison.Ordinal))
                {
                    var (answered, problem) = await AnswerAsync($"{address}{word}={wrong}");
                    Assert.True(answered == status && problem.Contains($"did you mean {right}", StringComparison.Ordinal),
                        $"{path} answers {word}={wrong} with {(int)answered}: {problem}");
                }
            }
        }
    }

    [Fact]
    public async Task A_mistyped_parameter_is_refused_with_the_nearest_that_is_known()
    {
        Assert.StartsWith(
            "The parameter \"corse\" is unknown here (did you mean course?); known are ",
            await world.Api.RefusedAsync("/api/scores?corse=x", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    // There, fourteen hours before UTC, it is the next day.
    private static bool IsLate(TakenAttempt attempt) => attempt.StartedAt.UtcDateTime.Hour >= 10 && attempt.Score is not null;

    private async Task<List<(string Path, JsonNode Operation)>> GetsAsync() =>
        [.. from path in (await world.Api.GetAsync("/openapi/v1.json"))["paths"]!.AsObject() where path.Value!["get"] is not null
            && path.Key != SavedQuery select (path.Key, path.Value!["get"]!)];

    /// <summary>An address of a path, up to where a filter is added: with what it can't do without, of an attempt's course, exam and student.</summary>
    private static string AddressOf(string path, TakenAttempt of, string exam, string question)
    {
        var slug = of.Course.ToLowerInvariant().Replace(' ', '-');
        (string Part, string Value)[] parts =
        [
            ("{slug}", slug), ("{period}", "hour-of-day"), ("{userExamId}", of.Id), ("{table}", "attempts"),
            ("{id}", path.Contains("students", StringComparison.Ordinal) ? of.Student : "1"), ("{name}", "name"),
        ];
        var address = parts.Aggregate(path, (address, part) => address.Replace(part.Part, part.Value, StringComparison.Ordinal));
        return address + path switch
        {
            "/api/sql" => "?query=select+1&",
            "/api/export/{table}" => "?format=csv&",
            "/api/courses/compare" => "?course=introduction-to-python&course=learning-git&",
            "/api/courses/{slug}/questions/options" or "/api/courses/{slug}/questions/months" => $"?exam={exam}&question={question}&",
            _ => "?",
        };
    }

    private async Task<string> TextAsync(string address)
    {
        var (status, text) = await AnswerAsync(address);
        Assert.True(status == HttpStatusCode.OK, $"{address} answered {(int)status}: {text}");
        return string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)); // The rows of an export come in any order.
    }

    private async Task<(HttpStatusCode Status, string Text)> AnswerAsync(string address)
    {
        using var response = await world.Api.Client.GetAsync(address, Cancel);
        return (response.StatusCode, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Cancel)));
    }
}
