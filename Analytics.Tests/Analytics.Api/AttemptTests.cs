using System.Net;

namespace Analytics.Tests.Analytics.Api;

public sealed class AttemptTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Theory]
    [InlineData("month", "2017-12 1, 2018-01 4, 2018-02 1")]
    [InlineData("week", "2017-W52 1, 2018-W01 4, 2018-W02 0, 2018-W03 0, 2018-W04 0, 2018-W05 1")]
    [InlineData("weekday", "Monday 1, Tuesday 1, Wednesday 1, Thursday 2, Friday 0, Saturday 0, Sunday 1")]
    [InlineData("day?to=2018-01-05", "2017-12-31 1, 2018-01-01 1, 2018-01-02 1, 2018-01-03 1, 2018-01-04 1, 2018-01-05 0")]
    [InlineData("day?to=2018-01-05&tz=Europe/Berlin", "2018-01-01 2, 2018-01-02 1, 2018-01-03 1, 2018-01-04 1, 2018-01-05 0")]
    [InlineData("day?from=2018-01-05&to=2018-01-07", "2018-01-05 0, 2018-01-06 0, 2018-01-07 0")]
    [InlineData("day?course=learning-git&count=messages", "2017-12-31 1, 2018-01-01 3, 2018-01-02 1, 2018-01-03 1")]
    [InlineData("day?exam=once&tz=Asia/Kolkata", "2018-01-04 1")]
    [InlineData("week?from=2018-01-03&to=2018-01-09", "2018-W01 2, 2018-W02 0")]
    [InlineData("hour?exam=git-b&tz=Asia/Kolkata", "2018-01-01T05:00 1")]
    public async Task Starts_are_counted_by_period_with_the_gaps_filled(string question, string expected)
    {
        var answer = await world.Api.GetAsync($"/api/attempts/by/{question}");

        Assert.Equal(expected, string.Join(", ", answer["periods"]!.AsArray().Select(period => $"{period!["period"]} {period["count"]}")));
    }

    [Fact]
    public async Task The_hours_of_the_day_are_those_of_the_zone()
    {
        var utc = await world.Api.GetAsync("/api/attempts/by/hour-of-day?count=messages");
        var kolkata = await world.Api.GetAsync("/api/attempts/by/hour-of-day?count=messages&tz=Asia/Kolkata");

        Assert.Equal(10, (long)utc["total"]!);
        Assert.Equal(Enumerable.Range(0, 24).Select(hour => hour switch { 10 => 7L, 0 => 2, 23 => 1, _ => 0 }),
            utc["periods"]!.AsArray().Select(period => (long)period!["count"]!));
        Assert.Equal("00", (string)utc["periods"]![0]!["period"]!);
        Assert.Null(utc["periods"]![0]!["start"]);
        Assert.Equal(7, (long)kolkata["periods"]![15]!["count"]!);
        Assert.Equal(2, (long)kolkata["periods"]![5]!["count"]! - 1 + (long)kolkata["periods"]![6]!["count"]!);
    }

    [Theory]
    [InlineData("2018-03-25", 23)]
    [InlineData("2018-03-24", 24)]
    [InlineData("2018-10-28", 25)]
    public async Task A_day_has_as_many_hours_as_its_clock(string day, int hours)
    {
        var answer = await world.Api.GetAsync($"/api/attempts/by/hour?tz=Europe/Berlin&from={day}&to={day}&count=messages");

        var periods = answer["periods"]!.AsArray();
        Assert.Equal(hours, periods.Count);
        Assert.Equal(hours, periods.Select(period => (string)period!["start"]!).Distinct().Count());
        Assert.Equal(day == "2018-03-25" ? 1 : 0, (long)periods[1]!["count"]!);
    }

    [Fact]
    public async Task Nothing_at_all_is_no_period()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());

        Assert.Empty((await api.GetAsync("/api/attempts/by/day"))["periods"]!.AsArray());
        Assert.Equal(24, (await api.GetAsync("/api/attempts/by/hour-of-day"))["periods"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("year", HttpStatusCode.BadRequest, "grouped by")]
    [InlineData("day?tz=Mars/Olympus", HttpStatusCode.BadRequest, "no time zone")]
    [InlineData("day?tz=..%2F..%2Fetc%2Fpasswd", HttpStatusCode.BadRequest, "no time zone")]
    [InlineData("day?from=2018-02-30", HttpStatusCode.BadRequest, "a date as 2018-01-31")]
    [InlineData("day?from=2018-02-02&to=2018-02-01", HttpStatusCode.BadRequest, "after to")]
    [InlineData("day?from=0001-01-01", HttpStatusCode.BadRequest, "from 1970-01-01")]
    [InlineData("hour?from=1970-01-01&to=2999-12-31", HttpStatusCode.BadRequest, "more than 300000 periods")]
    [InlineData("day?course=cobol", HttpStatusCode.NotFound, "no course")]
    [InlineData("day?count=students", HttpStatusCode.BadRequest, "messages or attempts")]
    public async Task A_period_that_makes_no_sense_is_refused(string question, HttpStatusCode status, string part)
    {
        Assert.Contains(part, await world.Api.RefusedAsync($"/api/attempts/by/{question}", status), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Durations_are_in_minutes_and_those_that_make_no_sense_are_apart()
    {
        // By hand: 60 s, 90.5 s, 300 s; one negative, one of 25 h.
        var durations = await world.Api.GetAsync("/api/attempts/durations");

        Assert.Equal(3, (long)durations["measured"]!);
        Assert.Equal(1, (long)durations["negative"]!);
        Assert.Equal(1, (long)durations["dayOrMore"]!);
        Assert.Equal(2, (long)durations["unknown"]!);
        Assert.Equal(450.5 / 180, (double)durations["mean"]!, 1e-12);
        Assert.Equal((450.5 - 30 + 90_000) / 300, (double)durations["meanOfAll"]!, 1e-9);
        Assert.Equal(1, (double)durations["minimum"]!);
        Assert.Equal(1.25, (double)durations["p25"]!);
        Assert.Equal(1.5, (double)durations["median"]!);
        Assert.Equal(3.25, (double)durations["p75"]!);
        Assert.Equal(5, (double)durations["maximum"]!);
        Assert.Equal(Math.Sqrt(4.75), (double)durations["standardDeviation"]!, 1e-12);
    }

    [Fact]
    public async Task Durations_can_be_counted_by_message_and_for_one_course()
    {
        var durations = await world.Api.GetAsync("/api/attempts/durations?course=once&count=messages");

        Assert.Equal(2, (long)durations["measured"]!);
        Assert.Equal(1, (double)durations["mean"]!);
        Assert.Null((await world.Api.GetAsync("/api/attempts/durations?course=moved"))["mean"]);
    }
}
