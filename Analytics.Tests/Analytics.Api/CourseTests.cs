using System.Net;

namespace Analytics.Tests.Analytics.Api;

public sealed class CourseTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task Completion_and_repeat_takers_are_told_of_each_course_and_exam_or_why_they_are_not()
    {
        var git = await world.Api.GetAsync("/api/courses/learning-git");
        Assert.Equal((5, 100 / 3.0, 1), ((double)git["meanQuestions"]!, (double)git["completionRate"]!, (long)git["repeatTakers"]!));
        var exams = git["byExam"]!.AsArray();
        Assert.Equal((5 / 3.0, 2 / 3.0), ((double)exams[0]!["meanUnanswered"]!, (double)exams[0]!["meanIncomplete"]!));
        Assert.Null(exams[1]!["completionRate"]);
        Assert.NotNull(exams[1]!["completionReason"]);

        var cafe = await world.Api.GetAsync("/api/courses/cafe-c-sharp");
        Assert.Null(cafe["repeatTakers"]);
        Assert.Contains("names its user", (string)cafe["repeatTakersReason"]!, StringComparison.Ordinal);
        Assert.Contains("left unanswered", (string)cafe["completionReason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_courses_come_by_popularity_with_their_figures()
    {
        var courses = (await world.Api.GetAsync("/api/courses"))["courses"]!.AsArray();

        Assert.Equal(["learning-git", "cafe-c-sharp", "once", "moved"], courses.Select(course => (string)course!["slug"]!));
        var git = courses[0]!;
        Assert.Equal("Learning Git", (string)git["name"]!);
        Assert.Equal(7, (long)git["messages"]!);
        Assert.Equal(2, (long)git["redeliveries"]!);
        Assert.Equal(5, (long)git["attempts"]!);
        Assert.Equal(3, (long)git["students"]!);
        Assert.Equal(2, (long)git["exams"]!);
        Assert.Equal(1, (long)git["certifications"]!);
        Assert.Equal(72.5, (double)git["meanScorePerMessage"]!);
        Assert.Equal(58.75, (double)git["meanScore"]!);
        Assert.Equal(40, (double)git["passRate"]!);
    }

    [Fact]
    public async Task What_cannot_be_computed_is_null_with_its_reason()
    {
        var courses = (await world.Api.GetAsync("/api/courses?sort=slug"))["courses"]!.AsArray();

        var unscored = courses.Single(course => (string)course!["slug"]! == "cafe-c-sharp")!;
        Assert.Null(unscored["meanScore"]);
        Assert.Contains("how many questions", (string)unscored["meanScoreReason"]!, StringComparison.Ordinal);
        Assert.Equal(0, (double)unscored["passRate"]!);
        var moved = courses.Single(course => (string)course!["slug"]! == "moved")!;
        Assert.Null(moved["passRate"]);
        Assert.Contains("no attempts", (string)moved["passRateReason"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sort=name", "cafe-c-sharp,learning-git,moved,once")]
    [InlineData("sort=-name", "once,moved,learning-git,cafe-c-sharp")]
    [InlineData("sort=attempts", "moved,cafe-c-sharp,once,learning-git")]
    [InlineData("sort=-messages,name", "learning-git,once,cafe-c-sharp,moved")]
    [InlineData("sort=meanScore", "once,learning-git,cafe-c-sharp,moved")]
    [InlineData("sort=-meanScore", "learning-git,once,cafe-c-sharp,moved")]
    [InlineData("sort=passRate,-name", "once,cafe-c-sharp,learning-git,moved")]
    [InlineData("attempts=1&sort=name", "cafe-c-sharp,once")]
    [InlineData("name=CAFÉ", "cafe-c-sharp")]
    [InlineData("name=e&sort=slug", "learning-git,moved,once")]
    [InlineData("sort=attempts,name&limit=2", "moved,cafe-c-sharp")]
    [InlineData("name=nowhere", "")]
    public async Task Courses_are_sorted_and_filtered_as_asked(string query, string expected)
    {
        var courses = (await world.Api.GetAsync($"/api/courses?{query}"))["courses"]!.AsArray();

        Assert.Equal(expected, string.Join(',', courses.Select(course => (string)course!["slug"]!)));
    }

    [Fact]
    public async Task A_course_comes_with_each_of_its_exams()
    {
        var course = await world.Api.GetAsync("/api/courses/learning-git");

        Assert.Equal(5, (long)course["attempts"]!);
        Assert.Equal(2, (long)course["exams"]!);
        Assert.Equal(DateTimeOffset.Parse("2017-12-31T23:59:59.5Z"), (DateTimeOffset)course["firstStart"]!);
        Assert.Equal(DateTimeOffset.Parse("2018-01-03T10:00:00Z"), (DateTimeOffset)course["lastStart"]!);
        var exams = course["byExam"]!.AsArray();
        Assert.Equal(["git-a", "git-b"], exams.Select(exam => (string)exam!["baseExamId"]!));
        Assert.Equal(2, (long)exams[0]!["questions"]!);
        Assert.Equal(72, (double)exams[0]!["meanScorePerMessage"]!);
        Assert.Equal(160 / 3.0, (double)exams[0]!["meanScore"]!, 1e-12);
        Assert.Equal(100 / 3.0, (double)exams[0]!["passRate"]!, 1e-12);
        Assert.Equal(50, (double)exams[1]!["passRate"]!);
    }

    [Fact]
    public async Task A_course_can_be_asked_with_another_pass_mark()
    {
        var course = await world.Api.GetAsync("/api/courses/learning-git?passMark=50");

        Assert.Equal(60, (double)course["passRate"]!);
    }

    [Fact]
    public async Task All_exams_come_with_their_course()
    {
        var exams = (await world.Api.GetAsync("/api/exams"))["exams"]!.AsArray();

        Assert.Equal(["git-a", "git-b", "once", "example-id", "moved"], exams.Select(exam => (string)exam!["baseExamId"]!));
        Assert.Equal("Learning Git", (string)exams[1]!["course"]!);
        Assert.Equal("learning-git", (string)exams[1]!["courseSlug"]!);
        Assert.Single((await world.Api.GetAsync("/api/exams?course=once"))["exams"]!.AsArray());
    }

    [Fact]
    public async Task An_unknown_course_is_told_where_to_look()
    {
        var detail = await world.Api.RefusedAsync("/api/courses/cobol", HttpStatusCode.NotFound);

        Assert.Equal("There is no course \"cobol\"; /api/courses lists them.", detail);
    }
}
