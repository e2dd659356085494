using System.Net;

namespace Analytics.Tests.Analytics.Api;

public sealed class ScoreTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task Scores_of_a_course_are_described_by_what_a_statistician_expects()
    {
        // By hand: 0, 60, 75, 100, 100, 100.
        var scores = await world.Api.GetAsync("/api/scores?course=learning-git&bins=4&count=messages");

        Assert.Equal("messages", (string)scores["count"]!);
        Assert.Equal(6, (long)scores["scored"]!);
        Assert.Equal(1, (long)scores["unscored"]!);
        Assert.Equal(72.5, (double)scores["mean"]!);
        Assert.Equal(Math.Sqrt(1537.5), (double)scores["standardDeviation"]!, 1e-12);
        Assert.Equal(0, (double)scores["minimum"]!);
        Assert.Equal(63.75, (double)scores["lowerQuartile"]!);
        Assert.Equal(87.5, (double)scores["median"]!);
        Assert.Equal(100, (double)scores["upperQuartile"]!);
        Assert.Equal(100, (double)scores["maximum"]!);
        Assert.Equal(400 / 7.0, (double)scores["passRate"]!, 1e-12);
        Assert.Equal([1, 0, 1, 4], scores["histogram"]!.AsArray().Select(bin => (long)bin!["count"]!));
        Assert.Equal([0, 25, 50, 75], scores["histogram"]!.AsArray().Select(bin => (double)bin!["from"]!));
    }

    [Theory]
    [InlineData("?count=messages", 9, 635.0 / 9)]
    [InlineData("", 5, (235 + 100.0 / 3) / 5)]
    [InlineData("?exam=git-a&count=attempts", 3, 160 / 3.0)]
    [InlineData("?course=learning-git&exam=git-b", 1, 75)]
    public async Task Scores_are_of_what_was_asked(string query, long scored, double mean)
    {
        var scores = await world.Api.GetAsync($"/api/scores{query}");

        Assert.Equal(scored, (long)scores["scored"]!);
        Assert.Equal(mean, (double)scores["mean"]!, 1e-12);
        Assert.Equal(scored, scores["histogram"]!.AsArray().Sum(bin => (long)bin!["count"]!));
    }

    [Fact]
    public async Task One_score_has_no_deviation_and_none_has_nothing_each_with_its_reason()
    {
        var one = await world.Api.GetAsync("/api/scores?exam=git-b");
        var none = await world.Api.GetAsync("/api/scores?course=cafe-c-sharp");

        Assert.Null(one["standardDeviation"]);
        Assert.Contains("two values", (string)one["reason"]!, StringComparison.Ordinal);
        Assert.Null(none["mean"]);
        Assert.Null(none["median"]);
        Assert.Contains("Nothing here states", (string)none["reason"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?course=cobol", HttpStatusCode.NotFound)]
    [InlineData("?course=once&exam=git-a", HttpStatusCode.NotFound)]
    [InlineData("?bins=0", HttpStatusCode.BadRequest)]
    [InlineData("?bins=101", HttpStatusCode.BadRequest)]
    [InlineData("?count=students", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_or_makes_no_sense_is_refused(string query, HttpStatusCode status)
    {
        Assert.NotEmpty(await world.Api.RefusedAsync($"/api/scores{query}", status));
    }
}
