using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Analytics.Api.Workbench;

/// <summary>The pages of questions over the data set, beside what the API and SQL say.</summary>
[Collection(nameof(DataSetApi))]
public sealed class QuestionPageTests(DataSetApi data)
{
    private const string Git = "/api/courses/learning-git/questions";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_exam_is_a_plot_of_links_to_its_questions()
    {
        var api = await data.StartedAsync();
        var exam = (await api.GetAsync(Git))["exams"]![0]!;
        var page = await api.Client.GetStringAsync("/questions?course=learning-git", Cancel);
        var links = Regex.Matches(page, "<a href=\"(/questions/item[^\"]*)\" aria-label=\"(.*?):").ToDictionary(match => match.Groups[2].Value, match => WebUtility.HtmlDecode(match.Groups[1].Value));

        Assert.Equal(exam["questions"]!.AsArray().Select(question => (string)question!["questionId"]!).Order(), links.Keys.Order());
        foreach (var address in links.Values)
        {
            using var response = await api.Client.GetAsync(address, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Options_by_score_and_months_add_up_to_the_item_analysis_and_to_SQL()
    {
        var api = await data.StartedAsync();
        var exam = (await api.GetAsync(Git))["exams"]![0]!;
        foreach (var question in exam["questions"]!.AsArray())
        {
            var asked = $"exam={exam["baseExamId"]}&question={question!["questionId"]}";
            var groups = (await api.GetAsync($"{Git}/options?{asked}"))["groups"]!.AsArray();
            var months = (await api.GetAsync($"{Git}/months?{asked}"))["months"]!.AsArray();
            var options = groups.SelectMany(group => group!["options"]!.AsArray()).ToLookup(option => (string)option!["optionId"]!);

            Assert.Equal(((long)question["attempts"]!, (long)question["correct"]!, (long)question["omitted"]!), Sums(groups));
            Assert.Equal(((long)question["attempts"]!, (long)question["correct"]!, (long)question["omitted"]!), Sums(months));
            Assert.All(question["options"]!.AsArray(), option => Assert.Equal(
                ((long)option!["shown"]!, (long)option["chosen"]!),
                (options[(string)option["optionId"]!].Sum(one => (long)one!["shown"]!),
                    options[(string)option["optionId"]!].Sum(one => (long)one!["chosen"]!))));
            Assert.All(months, month => Assert.InRange((double)month!["facility"]!, (double)month["facilityLow"]!, (double)month["facilityHigh"]!));
        }

        var first = exam["questions"]![0]!["questionId"]!;
        var monthly = await api.Client.GetStringAsync(
            "/api/sql?format=csv&query=" + Uri.EscapeDataString($"select to_char(started_at, 'YYYY-MM') as m, count(*) from answers where course_slug = 'learning-git' and question_id = '{first}' group by m order by m"), Cancel);
        var answered = (await api.GetAsync($"{Git}/months?exam={exam["baseExamId"]}&question={first}"))["months"]!.AsArray();
        Assert.Equal(monthly.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1), answered.Select(month => $"{month!["month"]},{month["attempts"]}"));
    }

    [Fact]
    public async Task A_question_s_page_has_its_curve_with_a_point_for_each_total()
    {
        var api = await data.StartedAsync();
        var exam = (await api.GetAsync($"{Git}/rasch"))["exams"]![0]!;
        var page = await api.Client.GetStringAsync(
            $"/questions/item?course=learning-git&exam={exam["baseExamId"]}&question={exam["questions"]![0]!["questionId"]}", Cancel);

        Assert.Equal(exam["abilities"]!.AsArray().Count(ability => (long)ability!["attempts"]! > 0), Regex.Count(page, "<circle [^>]*><title>\\d+ correct"));
        Assert.Contains("Options by score", page, StringComparison.Ordinal);
        Assert.Contains("From month to month", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?question=nothing&exam=", HttpStatusCode.BadRequest, "is empty")]
    [InlineData("?question=nothing", HttpStatusCode.BadRequest, "The parameter exam is needed")]
    [InlineData("?question=nothing&exam=nothing", HttpStatusCode.NotFound, "There is no exam")]
    public async Task A_question_that_is_not_there_is_told(string query, HttpStatusCode status, string part) =>
        Assert.Contains(part, await (await data.StartedAsync()).RefusedAsync($"{Git}/options{query}", status), StringComparison.Ordinal);

    private static (long, long, long) Sums(JsonArray rows) =>
        (rows.Sum(row => (long)row!["attempts"]!), rows.Sum(row => (long)row!["correct"]!), rows.Sum(row => (long)row!["omitted"]!));
}
