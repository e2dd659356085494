namespace Analytics.Tests.Analytics.Api.Filters;

/// <summary>Figures of what filters leave, each computed a second time from the events.</summary>
[Collection(nameof(TakenWorld))]
public sealed class TakeTests(TakenWorld world)
{
    private static readonly DateTimeOffset December = new(2017, 12, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Takes => ["all", "first", "best", "last"];

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task A_take_leaves_one_attempt_of_each_student_at_each_exam_in_every_answer(string take)
    {
        var taken = world.Attempts.Where(attempt => attempt.Takes.Contains(take)).ToList();
        await SameAsync($"take={take}", "", taken);
        if (take is not "all")
        {
            Assert.Equal(world.Attempts.DistinctBy(attempt => (attempt.Student, attempt.IsNamed, attempt.Course, attempt.Exam)).Count(), taken.Count);
            Assert.NotEqual(world.Attempts.Count, taken.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task Filters_together_leave_what_all_of_them_leave(string take)
    {
        var git = world.Attempts.Where(attempt => attempt.Takes.Contains(take) && attempt.Course == "Learning Git").ToList();
        var exam = git[0].Exam;
        var of = git.Where(attempt => attempt.Exam == exam && attempt.StartedAt >= December).ToList();
        await SameAsync($"take={take}&course=learning-git&exam={exam}&from=2017-12-01", "learning-git", of);

        var version = (string)(await world.Api.GetAsync($"/api/courses/learning-git/questions?exam={exam}"))["exams"]![0]!["version"]!;
        var questions = of.GroupBy(attempt => attempt.Questions).MaxBy(attempts => attempts.Count())!.Key;
        await SameAsync(
            $"take={take}&course=learning-git&exam={exam}&from=2017-12-01&version={version}", "learning-git",
            [.. of.Where(attempt => attempt.Questions == questions)]);
    }

    [Fact]
    public async Task A_student_is_a_user_or_an_attempt_that_names_none()
    {
        var named = world.Attempts.Where(attempt => attempt.IsNamed).GroupBy(attempt => attempt.Student).MaxBy(attempts => attempts.Count())!;
        await SameAsync($"user={named.Key}", "", [.. named]);
        await SameAsync($"user={named.Key}&take=best&to=2018-03-31", "",
            [.. named.Where(attempt => attempt.Takes.Contains("best") && attempt.StartedAt < new DateTimeOffset(2018, 4, 1, 0, 0, 0, TimeSpan.Zero))]);
        var unnamed = world.Attempts.First(attempt => !attempt.IsNamed);
        await SameAsync($"user={unnamed.Id}", "", [unnamed]);
    }

    [Fact]
    public async Task SQL_has_the_takes_under_the_same_words()
    {
        foreach (var take in (string[])["first", "best", "last"])
        {
            var answer = await world.Api.GetAsync($"/api/sql?query={Uri.EscapeDataString($"select count(*) as taken, sum(total) as questions, sum(correct) as correct from attempts where is_{take}")}");
            var taken = world.Attempts.Where(attempt => attempt.Takes.Contains(take)).ToList();
            Assert.Equal((taken.Count, taken.Sum(attempt => attempt.Total ?? 0), taken.Sum(attempt => attempt.Correct ?? 0)),
                ((int)answer["rows"]![0]!["taken"]!, (int)answer["rows"]![0]!["questions"]!, (int)answer["rows"]![0]!["correct"]!));
        }
    }

    [Fact]
    public async Task An_answer_says_whether_it_is_made_of_what_ingest_keeps_or_of_rows()
    {
        foreach (var (path, source) in (IEnumerable<(string, string)>)
            [
                ("/api/summary", "rollups"), ("/api/summary?course=learning-git&passMark=50", "rollups"), ("/api/summary?take=first", "rows"),
                ("/api/scores?from=2018-01-01", "rows"),
                ("/api/attempts/by/day?from=2018-01-01", "rollups"), ("/api/attempts/by/day?take=best", "rows"), ("/api/attempts", "rows"),
                ("/api/courses/learning-git/questions", "rollups"), ("/api/courses/learning-git/questions?take=last&format=csv", "rows"),
            ])
        {
            using var response = await world.Api.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal($"{path} {source}", $"{path} {response.Headers.GetValues("Answered-From").Single()}");
        }
    }

    // Every answer that has figures of attempts, against the same figures of these attempts.
    private async Task SameAsync(string filter, string course, List<TakenAttempt> taken)
    {
        var scores = taken.Select(attempt => attempt.Score).OfType<double>().ToList();
        var users = taken.Where(attempt => attempt.IsNamed).GroupBy(attempt => attempt.Student).ToList();

        var summary = await world.Api.GetAsync($"/api/summary?{filter}&passMark=60");
        Assert.Equal(
            (taken.Count, taken.DistinctBy(attempt => (attempt.Student, attempt.IsNamed)).Count(), taken.DistinctBy(attempt => attempt.Course).Count(),
                taken.DistinctBy(attempt => (attempt.Course, attempt.Exam)).Count()),
            ((int)summary["attempts"]!, (int)summary["students"]!, (int)summary["courses"]!, (int)summary["exams"]!));
        Assert.Equal(users.Count == 0 ? null : users.Count(attempts => attempts.Count() > 1), (int?)summary["repeatTakers"]);
        Assert.Equal(scores.Count == 0 ? 0 : scores.Average(), (double?)summary["meanScore"] ?? 0, 1e-9);
        Assert.Equal(scores.Count(score => score > 60) * 100.0 / taken.Count, (double)summary["passRate"]!, 1e-9);
        Assert.Equal(taken.Min(attempt => attempt.StartedAt), (DateTimeOffset)summary["firstStart"]!);
        Assert.Equal(taken.Max(attempt => attempt.StartedAt), (DateTimeOffset)summary["lastStart"]!);

        var distribution = await world.Api.GetAsync($"/api/scores?{filter}&passMark=60");
        Assert.Equal((scores.Count, taken.Count - scores.Count), ((int)distribution["scored"]!, (int)distribution["unscored"]!));
        Assert.Equal((double?)summary["passRate"], (double?)distribution["passRate"]);

        var durations = await world.Api.GetAsync($"/api/attempts/durations?{filter}");
        Assert.Equal(taken.Count, ((string[])["measured", "negative", "dayOrMore", "unknown"]).Sum(name => (int)durations[name]!));

        var days = (await world.Api.GetAsync($"/api/attempts/by/day?{filter}"))["periods"]!.AsArray().Where(day => (int)day!["count"]! > 0);
        Assert.Equal(
            taken.GroupBy(attempt => $"{attempt.StartedAt.UtcDateTime:yyyy-MM-dd}").Select(day => $"{day.Key} {day.Count()}").Order(StringComparer.Ordinal),
            days.Select(day => $"{day!["period"]} {day["count"]}"));

        var page = (await world.Api.GetAsync($"/api/attempts?{filter}&limit=1000"))["attempts"]!.AsArray();
        Assert.Equal(
            taken.OrderByDescending(attempt => attempt.StartedAt).Select(attempt => attempt.StartedAt).Take(1000),
            page.Select(attempt => (DateTimeOffset)attempt!["startedAt"]!));
        Assert.Subset(taken.Select(attempt => attempt.Id).ToHashSet(), page.Select(attempt => (string)attempt!["userExamId"]!).ToHashSet());

        Assert.Equal(
            taken.GroupBy(attempt => attempt.Course).Select(
                attempts => $"{attempts.Key} {attempts.Count()} {attempts.DistinctBy(attempt => (attempt.Student, attempt.IsNamed)).Count()}").ToHashSet(),
            (await world.Api.GetAsync($"/api/courses?{filter}"))["courses"]!.AsArray().Select(
                one => $"{one!["name"]} {one["attempts"]} {one["students"]}").ToHashSet());
        Assert.Equal(
            taken.GroupBy(attempt => (attempt.Course, attempt.Exam)).Select(
                attempts => $"{attempts.Key} {attempts.Count()} {attempts.Max(attempt => attempt.StartedAt):O}").ToHashSet(),
            (await world.Api.GetAsync($"/api/exams?{filter}"))["exams"]!.AsArray()
                .Select(one => $"{((string)one!["course"]!, (string)one["baseExamId"]!)} {one["attempts"]} {(DateTimeOffset)one["lastStart"]!:O}").ToHashSet());
        Assert.Equal(
            users.Select(attempts => $"{attempts.Key} {attempts.Count()}").ToHashSet(),
            (await world.Api.GetAsync($"/api/students?{filter}&limit=1000"))["students"]!.AsArray().Select(
                one => $"{one!["userId"]} {one["attempts"]}").ToHashSet());

        if (course.Length > 0)
        {
            var further = filter.Replace($"course={course}&", "", StringComparison.Ordinal);
            var one = await world.Api.GetAsync($"/api/courses/{course}?{further}");
            Assert.Equal((taken.Count, users.Count(attempts => attempts.Count() > 1)), ((int)one["attempts"]!, (int)one["repeatTakers"]!));
            var exam = (await world.Api.GetAsync($"/api/courses/{course}/questions?{further}"))["exams"]![0]!;
            Assert.Equal(Items(taken), exam["questions"]!.AsArray().Select(item => $"{item!["questionId"]} {item["attempts"]} {item["correct"]}").ToHashSet());
            var rasch = (await world.Api.GetAsync($"/api/courses/{course}/questions/rasch?{further}"))["exams"]![0]!;
            Assert.Equal((int)exam["complete"]!, (int)rasch["attempts"]!);
        }
    }

    // A question that was shown twice counts once, as correct if both answers are.
    private static HashSet<string> Items(List<TakenAttempt> taken) => taken
        .SelectMany(attempt =>
            attempt.Answers.GroupBy(answer => answer.Question).Select(answers => (Question: answers.Key, IsCorrect: answers.All(answer => answer.IsCorrect))))
        .GroupBy(item => item.Question)
        .Select(item => $"{item.Key} {item.Count()} {item.Count(answer => answer.IsCorrect)}")
        .ToHashSet();
}
