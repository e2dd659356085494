using System.Net;
using System.Text.RegularExpressions;
using Statistics;

namespace Analytics.Tests.Analytics.Api.Workbench;

public sealed class CoursesTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "Learning Git", "Café & C#", "Once")]
    [InlineData("?sort=name", "Café & C#", "Learning Git", "Once")]
    [InlineData("?sort=-meanScore", "Learning Git", "Once", "Café & C#")]
    [InlineData("?name=e", "Learning Git", "Once")]
    [InlineData("?name=git", "Learning Git")]
    [InlineData("?exams=several", "Learning Git")]
    [InlineData("?passing=some", "Learning Git")]
    [InlineData("?exams=one&complete=many", "Once")]
    [InlineData("?from=2018-01-04", "Café & C#", "Once")]
    [InlineData("?size=many")]
    public async Task Courses_are_sorted_and_chosen_by_the_address(string query, params string[] expected)
    {
        var page = await world.Api.Client.GetStringAsync($"/courses{query}", Cancel);

        Assert.Equal(expected.Order(), Named(page).Order());
        Assert.True(query.Length > 0 && !query.Contains("sort", StringComparison.Ordinal) || expected.SequenceEqual(Named(page)),
            string.Join(", ", Named(page)));
    }

    [Fact]
    public async Task A_kind_leads_to_its_courses_and_says_how_many_there_are()
    {
        var page = await world.Api.Client.GetStringAsync("/courses?size=few", Cancel);
        var link = Regex.Match(page, "<a href=\"([^\"]*exams=one[^\"]*)\">one</a> <span class=\"quiet\">(\\d)</span>");

        Assert.Equal("2", link.Groups[2].Value);
        Assert.Equal(2, Named(await world.Api.Client.GetStringAsync(WebUtility.HtmlDecode(link.Groups[1].Value), Cancel)).Length);
    }

    [Fact]
    public async Task A_course_has_the_figures_that_the_API_answers()
    {
        var course = await world.Api.GetAsync("/api/courses/learning-git");
        var page = await world.Api.Client.GetStringAsync("/courses/learning-git", Cancel);

        Assert.Equal(
            [$"{course["attempts"]}", $"{course["students"]}", FormattableString.Invariant($"{(double)course["meanScore"]!:0.0} %"),
                FormattableString.Invariant($"{(double)course["passRate"]!:0.0} %")],
            Regex.Matches(page, "<dd><b>(.*?)</b>").Select(match => match.Groups[1].Value).Take(4));
        Assert.Contains("<code>git-b</code>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Courses_are_compared_with_the_first_by_their_own_figures()
    {
        var comparison = (await world.Api.GetAsync("/api/courses/compare?course=once&course=learning-git"))["figures"]!.AsArray();
        var (once, git) = (await world.Api.GetAsync("/api/courses/once"), await world.Api.GetAsync("/api/courses/learning-git"));
        var passed = comparison.Where(figure => (string)figure!["figure"]! == "passRate").ToArray();
        var scores = comparison.Where(figure => (string)figure!["figure"]! == "meanScore").ToArray();

        Assert.Equal(5 * 2, comparison.Count);
        Assert.Equal([(double?)once["passRate"], (double?)git["passRate"]], passed.Select(figure => (double?)figure!["value"]));
        var interval = Interval.OfShares(2, 5, 0, 1)!.Value;
        Assert.Equal((100 * interval.Estimate, 100 * interval.Low, 100 * interval.High),
            ((double)passed[1]!["difference"]!, (double)passed[1]!["low"]!, (double)passed[1]!["high"]!));
        Assert.Null(passed[0]!["difference"]);
        Assert.Equal([(double?)once["meanScore"], (double?)git["meanScore"]], scores.Select(figure => (double?)figure!["value"]));
        Assert.Contains("two values", (string)scores[1]!["reason"]!, StringComparison.Ordinal); // Once has one score.
        Assert.Contains("course", await world.Api.Client.GetStringAsync("/api/courses/compare?course=once&course=learning-git&format=csv", Cancel),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_as_a_page_has_each_difference_with_its_interval()
    {
        var page = await world.Api.Client.GetStringAsync("/courses/compare?course=once&course=learning-git&course=cafe-c-sharp", Cancel);

        Assert.Contains("3 courses compared", page, StringComparison.Ordinal);
        Assert.Contains("+40.0", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Equal(5, Regex.Count(page, "class=\"comparison\""));
    }

    [Theory]
    [InlineData("course=once", HttpStatusCode.BadRequest, "two to 4 different courses")]
    [InlineData("course=once&course=once", HttpStatusCode.BadRequest, "two to 4 different courses")]
    [InlineData("course=a&course=b&course=c&course=d&course=e", HttpStatusCode.BadRequest, "two to 4 different courses")]
    [InlineData("course=once&course=lerning-git", HttpStatusCode.NotFound, "did you mean learning-git?")]
    [InlineData("course=once&course=learning-git&exam=git-a", HttpStatusCode.BadRequest, "whole courses are compared")]
    [InlineData("course=once&course=learning-git&take=all&take=best", HttpStatusCode.BadRequest, "given 2 times")]
    public async Task What_can_not_be_compared_says_why(string query, HttpStatusCode status, string part) =>
        Assert.Contains(part, await world.Api.RefusedAsync($"/api/courses/compare?{query}", status), StringComparison.OrdinalIgnoreCase);

    private static string[] Named(string page) => [.. Regex.Matches(page, "<th scope=\"row\"><a [^>]*>(.*?)</a>").Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];
}
