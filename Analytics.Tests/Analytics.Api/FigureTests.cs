using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Analytics.Tests.Data;

namespace Analytics.Tests.Analytics.Api;

/// <summary>Every published figure, by one GET each. What they answered stands in docs/figures.md, which differs from nothing here.</summary>
[Collection(nameof(DataSetApi))]
public sealed class FigureTests(DataSetApi dataSet)
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "figures.md");

    private static readonly Figure[] Figures =
    [
        new("Messages", "3,280", "/api/summary", answer => Whole(answer["messages"])),
        new("Distinct `keen_id`", "3,242", "/api/sql?query=select+count(*)+from+activity.events", answer => Whole(Single(answer))),
        new("Distinct `user_exam_id`", "3,242", "/api/summary", answer => Whole(answer["attempts"])),
        new(
            "`user_exam_id`s seen once", "3,222",
            "/api/sql?query=select+count(*)+from+(select+from+activity.events+group+by+user_exam_id+having+sum(messages)=1)+once", answer =>
                Whole(Single(answer))),
        new(
            "… more than once", "20",
            "/api/sql?query=select+count(*)+from+(select+from+activity.events+group+by+user_exam_id+having+sum(messages)>1)+often", answer =>
                Whole(Single(answer))),
        new(
            "… messages of these", "58",
            "/api/sql?query=select+sum(messages)::bigint+from+activity.events+where+messages>1", answer => Whole(Single(answer))),
        new("Course names", "103", "/api/summary", answer => Whole(answer["courses"])),
        new("Exam ids", "107", "/api/summary", answer => Whole(answer["exams"])),
        new("Courses with two exam ids", "4", "/api/courses?sort=-exams", answer =>
            Whole(answer["courses"]!.AsArray().LongCount(course => (long)course!["exams"]! == 2))),
        new("Learning Git: messages", "394", "/api/courses/learning-git", answer => Whole(answer["messages"])),
        new("Learning Git: students", "390", "/api/courses/learning-git", answer => Whole(answer["students"])),
        new(
            "Least popular, one attempt each",
            "Learning to Visualize Data with D3.js; Native Web Apps for Android; Nulls, Three-valued Logic and Missing Information; Operating Red Hat "
                + "Enterprise Linux Servers",
            "/api/courses?attempts=1&sort=name",
            answer => string.Join("; ", answer["courses"]!.AsArray().Select(course => (string)course!["name"]!))),
        new("Introduction to Python: attempts", "162", "/api/courses/introduction-to-python", answer => Whole(answer["attempts"])),
        new("… of them under one of its two exam ids", "122", "/api/exams?course=introduction-to-python", answer => Whole(answer["exams"]![0]!["attempts"])),
        new("Attempts for certification", "0", "/api/summary", answer => Whole(answer["certifications"])),
        new("Records without counts", "5", "/api/scores?count=messages", answer => Whole(answer["unscored"])),
        new("Messages with counts", "3,275", "/api/scores?count=messages", answer => Whole(answer["scored"])),
        new("Mean score over them, %", "62.6570", "/api/scores?count=messages", answer => Decimals(answer["mean"])),
        new("Its standard deviation", "31.0867", "/api/scores?count=messages", answer => Decimals(answer["standardDeviation"])),
        new("Share of attempts over 70 %", "49.9692", "/api/summary?passMark=70", answer => Decimals(answer["passRate"])),
        new("Mean minutes from start to the last answer", "7.4311", "/api/attempts/durations?count=messages", answer => Decimals(answer["meanOfAll"])),
        new("Most popular hour to start, UTC", "14", "/api/attempts/by/hour-of-day?count=messages", answer => (string)MostPopular(answer)["period"]!),
        new("Messages in it", "224", "/api/attempts/by/hour-of-day?count=messages", answer => Whole(MostPopular(answer)["count"])),
        new("First day", "2017-11-21", "/api/attempts/by/day", answer => (string)answer["periods"]![0]!["period"]!),
        new("Last day", "2018-01-28", "/api/attempts/by/day", answer => (string)answer["periods"]!.AsArray()[^1]!["period"]!),
    ];

    [Fact]
    public async Task Every_published_figure_is_one_GET_away_and_the_page_that_lists_them_says_what_they_answer()
    {
        var api = await dataSet.StartedAsync();
        var page = new StringBuilder("""
            # Published figures, and what Activity answers

            Several published reports on the data set agree on these figures. Each is one GET away. A test asks for all of them over the whole data set, writes this
            page from the answers, and fails when an answer differs from what was published or this page from the answers.

            | figure | published | answer | `GET` |
            |---|---:|---:|---|

            """);
        var differing = new List<string>();
        foreach (var figure in Figures)
        {
            var answer = figure.Read(await api.GetAsync(figure.Path));
            page.Append(CultureInfo.InvariantCulture, $"| {figure.Question} | {figure.Published} | {answer} | `{figure.Path}` |\n");
            if (answer != figure.Published)
            {
                differing.Add($"{figure.Question}: {answer} instead of {figure.Published} ({figure.Path})");
            }
        }

        Assert.Empty(differing);
        await PageIsAsync(page.ToString());
    }

    [Fact]
    public async Task Every_course_has_the_published_counts()
    {
        var api = await dataSet.StartedAsync();
        var courses = (await api.GetAsync("/api/courses"))["courses"]!.AsArray().ToDictionary(course => (string)course!["name"]!, course => course!);

        foreach (var row in DataSetFile.Facts("exam-counts.csv"))
        {
            Assert.True(courses.Remove(row[0], out var course), $"There is no course {row[0]}.");
            Assert.Equal((row[0], row[1], row[2], row[4]), (row[0], $"{course["messages"]}", $"{course["attempts"]}", $"{course["exams"]}"));
            var mean = row[6].Length == 0 ? null : (double?)(100.0 * Number(row[6]) / Number(row[7]));
            Assert.Equal(mean, (double?)course["meanScorePerMessage"], new Near());
        }

        Assert.Empty(courses);
    }

    // With ACTIVITY_WRITE_DOCS=1 the page is written rather than compared.
    private static async Task PageIsAsync(string text)
    {
        if (Environment.GetEnvironmentVariable("ACTIVITY_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(Page, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken), text);
    }

    private static JsonNode? Single(JsonNode answer) => answer["rows"]![0]!.AsObject().Single().Value;

    private static JsonNode MostPopular(JsonNode answer) => answer["periods"]!.AsArray().MaxBy(period => (long)period!["count"]!)!;

    private static string Whole(JsonNode? number) => ((long)number!).ToString("N0", CultureInfo.InvariantCulture);

    private static string Decimals(JsonNode? number) => ((double)number!).ToString("F4", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Figure(string Question, string Published, string Path, Func<JsonNode, string> Read);

    /// <summary>All messages of a course ask as many questions, so the mean of its scores is the share of all its answers.</summary>
    private sealed class Near : IEqualityComparer<double?>
    {
        public bool Equals(double? x, double? y) => x is null || y is null ? x is null && y is null : Math.Abs(x.Value - y.Value) < 1e-9;

        public int GetHashCode(double? obj) => 0;
    }
}
