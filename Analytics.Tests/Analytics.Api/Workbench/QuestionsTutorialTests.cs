using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Analytics.Api.Workbench;

/// <summary>The questions of docs/tutorial/questions.md: page, GET and SQL say the same.</summary>
[Collection(nameof(DataSetApi))]
public sealed partial class QuestionsTutorialTests(DataSetApi data)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_GET_and_SQL_answer_the_same()
    {
        var api = await data.StartedAsync();
        var questions = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "tutorial", "questions.md"), Cancel)).Split("\n### ").Skip(
            1).ToArray();

        Assert.Equal(20, questions.Length);
        foreach (var question in questions)
        {
            var title = question.Split('\n')[0];
            var page = await api.Client.GetStringAsync(Page().Match(question).Groups["address"].Value, Cancel);
            var get = Get().Match(question);
            using var response = await api.Client.GetAsync(get.Groups["address"].Value, Cancel);
            Assert.True(response.StatusCode == HttpStatusCode.OK, title);
            var sql = Sql().Match(question) is { Success: true } match ? await FirstCellAsync(api, match.Groups["statement"].Value) : null;
            if (get.Groups["name"] is { Success: true, Value: var name })
            {
                var figure = Find(JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!, name);
                Assert.True(sql is null || Math.Abs(sql.Value - figure) < 1e-9 * Math.Max(1, Math.Abs(figure)), $"{title} {figure} by GET, {sql} by SQL");
                Assert.True(Written(figure).Any(text => page.Contains(text, StringComparison.Ordinal)) || name.EndsWith("omitted", StringComparison.Ordinal),
                    $"{title} {figure} is not on its page");
            }
        }
    }

    private static async Task<double?> FirstCellAsync(ApiServer api, string statement)
    {
        var csv = await api.Client.GetStringAsync($"/api/sql?format=csv&query={Uri.EscapeDataString(statement)}", Cancel);
        return double.Parse(csv.Split("\r\n")[1].Split(',')[0], CultureInfo.InvariantCulture);
    }

    private static double Find(JsonNode answer, string path)
    {
        foreach (Match step in Step().Matches(path))
        {
            answer = answer[step.Groups["name"].Value]!;
            answer = step.Groups["place"] is { Success: true, Value: var place } ? answer[int.Parse(place, CultureInfo.InvariantCulture)]! : answer;
        }

        return (double)answer;
    }

    // As pages write numbers: whole, with one digit, with two.
    private static string[] Written(double figure) =>
        [.. ((string[])["N0", "0.0", "0.00"]).Select(format => $"{figure.ToString(format, CultureInfo.InvariantCulture)}")];

    [GeneratedRegex("^- page: `(?<address>.*?)`", RegexOptions.Multiline)]
    private static partial Regex Page();

    [GeneratedRegex("^- GET: `(?<address>.*?)`(?: → `(?<name>.*?)`)?", RegexOptions.Multiline)]
    private static partial Regex Get();

    [GeneratedRegex("^- SQL: `(?<statement>.*)`$", RegexOptions.Multiline)]
    private static partial Regex Sql();

    [GeneratedRegex(@"(?<name>\w+)(?:\[(?<place>\d+)\])?")]
    private static partial Regex Step();
}
