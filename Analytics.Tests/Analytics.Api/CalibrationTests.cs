using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api;

public sealed class CalibrationTests(AnsweredExams exams, SmallWorldApi world) : IClassFixture<AnsweredExams>, IClassFixture<SmallWorldApi>
{
    private const string Path = "/api/courses/c/questions/rasch";

    private static readonly string[] Textbook =
        ["11111", "11110", "11101", "11100", "11000", "10100", "11010", "10000", "01000", "10001", "00000", "11111"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Questions_come_the_hardest_first_and_their_difficulties_sum_to_zero()
    {
        var exam = await CalibrateAsync(Textbook);

        var difficulties = exam["questions"]!.AsArray().Select(question => (double)question!["difficulty"]!).ToArray();
        Assert.Equal(difficulties.OrderDescending(), difficulties);
        Assert.Equal(0, difficulties.Sum(), 1e-12);
        Assert.Equal(12, (long)exam["attempts"]!);
        Assert.Equal(9, (long)exam["informative"]!);
        Assert.Equal([1, 2, 3, 2, 2, 2], exam["abilities"]!.AsArray().Select(total => (long)total!["attempts"]!));
        Assert.Equal([true, false, false, false, false, true], exam["abilities"]!.AsArray().Select(total => (bool)total!["isExtrapolated"]!));
    }

    [Fact]
    public async Task What_cannot_be_calibrated_is_null_with_its_reason()
    {
        (string Reason, string Answers)[] cases =
        [
            ("No taker has some questions right", "11 11 00"),
            ("No taker has some questions right", "1 0 1"),
            ("No taker has some questions right", "100 110 000 111"),
            ("an easier and a harder part", "1000 0100 1110 1101 1100"),
            ("different questions", "10- 01- -10 -01 1-0 0-1"),
        ];
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(
            [.. cases.SelectMany((one, number) => one.Answers.Split(' ').Select(answers => new ResponsePattern($"e{number}", answers, 1)))]));

        var calibrated = (await api.GetAsync(Path))["exams"]!.AsArray();

        Assert.Equal(cases.Length, calibrated.Count);
        Assert.All(calibrated, exam =>
        {
            var reason = cases[int.Parse(((string)exam!["baseExamId"]!)[1..], CultureInfo.InvariantCulture)].Reason;
            Assert.Contains(reason, (string)exam["reason"]!, StringComparison.Ordinal);
            Assert.Null(exam["logLikelihood"]);
            Assert.Empty(exam["abilities"]!.AsArray());
            Assert.All(exam["questions"]!.AsArray(), question =>
            {
                Assert.Null(question!["difficulty"]);
                Assert.Contains(reason, (string)question["reason"]!, StringComparison.Ordinal);
            });
        });
    }

    [Fact]
    public async Task A_question_that_all_informative_takers_have_right_is_left_out_and_changes_nothing_for_the_others()
    {
        var without = await CalibrateAsync(Textbook);

        var with = await CalibrateAsync([.. Textbook.Select(answers => $"{answers}1"), "000000"]);

        var left = Assert.Single(with["questions"]!.AsArray(), question => question!["difficulty"] is null);
        Assert.Equal("q5", (string)left!["questionId"]!);
        Assert.Contains("by all or by none", (string)left["reason"]!, StringComparison.Ordinal);
        foreach (var name in (string[])["difficulty", "standardError", "infit", "outfitT"])
        {
            Assert.Equal(Figures(without, name), Figures(with, name).SkipLast(1));
        }

        static IEnumerable<double?> Figures(JsonNode exam, string name) => exam["questions"]!.AsArray().Select(question => (double?)question![name]);
    }

    [Fact]
    public async Task Of_two_questions_alike_the_model_allows_no_misfit()
    {
        var exam = await CalibrateAsync("10", "01", "11");

        Assert.All(exam["questions"]!.AsArray(), question =>
        {
            Assert.Equal(0, (double)question!["difficulty"]!, 1e-12);
            Assert.Null(question["infitT"]);
            Assert.NotNull(question["reason"]);
        });
        Assert.Null(exam["separationReliability"]);
        Assert.NotNull(exam["reason"]);
    }

    [Fact]
    public async Task A_question_with_a_wrong_key_is_answered_more_erratically_than_the_model_has_it()
    {
        var exam = (await exams.GetAsync("simulated-misfit-200x10")).Calibration;

        var odd = Assert.Single(exam["questions"]!.AsArray(), question => (string)question!["verdict"]! != "follows the model")!;
        Assert.Equal("q6", (string)odd["questionId"]!);
        Assert.Equal("answered more erratically than the model has it", (string)odd["verdict"]!);
        Assert.Equal("infit or outfit above 1.5", (string)odd["rule"]!);
    }

    // All answer in the order of difficulty but one at each step, so neighbours lie ln 60 apart and γ spans a hundred orders of magnitude.
    [Fact]
    public async Task Takers_who_agree_almost_perfectly_are_calibrated()
    {
        const int Items = 40;
        var patterns = Enumerable.Range(1, Items - 1).SelectMany(total => (ResponsePattern[])
        [
            new("e", new string('1', total).PadRight(Items, '0'), 60),
            new("e", string.Concat(new string('1', total - 1), "01").PadRight(Items, '0'), 1),
        ]);
        await using var api = new ApiServer(await exams.CreateDatabaseAsync([.. patterns]));

        var exam = (await api.GetAsync(Path))["exams"]![0]!;

        var difficulties = exam["questions"]!.AsArray().Select(question => (double)question!["difficulty"]!).ToArray();
        Assert.All(difficulties.Zip(difficulties.Skip(1)), neighbours => Assert.Equal(Math.Log(60), neighbours.First - neighbours.Second, 0.8));
        Assert.Equal(difficulties, difficulties.Select((_, item) => -difficulties[^(item + 1)]), (left, right) => Math.Abs(left - right) < 1e-4);
    }

    [Fact]
    public async Task More_questions_than_can_be_calibrated_are_null_with_a_reason()
    {
        var exam = await CalibrateAsync(Random(items: 1001, takers: 3));

        Assert.Contains("more than 1000 questions", (string)exam["reason"]!, StringComparison.Ordinal);
        Assert.Equal(1001, exam["questions"]!.AsArray().Count);
    }

    // Fischer's condition by its definition, on the answers; the API has only counts by total to tell it from.
    [Fact]
    public async Task A_calibration_exists_just_if_every_part_of_the_questions_is_somewhere_answered_better_than_the_rest()
    {
        var random = new Random(1);
        var answers = Enumerable.Range(0, 400).ToDictionary(
            exam => $"e{exam}",
            _ => (string[])[
                .. Enumerable.Range(0, random.Next(1, 9)).Select(_ =>
                string.Concat(Enumerable.Range(0, 5).Select(item => random.Next(7) > item ? '1' : '0')))]);
        var database =
            await exams.CreateDatabaseAsync([.. answers.SelectMany(exam => exam.Value.Select(pattern => new ResponsePattern(exam.Key, pattern, 1)))]);
        await using var api = new ApiServer(database);

        var calibrated = new List<bool>();
        foreach (var exam in (await api.GetAsync(Path))["exams"]!.AsArray())
        {
            var name = (string)exam!["baseExamId"]!;
            calibrated.Add(IsWellConditioned(answers[name]));
            Assert.True(calibrated[^1] == exam["logLikelihood"] is not null, $"{name}: {string.Join(' ', answers[name])}");
        }

        Assert.InRange(calibrated.Count(exists => exists), 50, 350);
    }

    [Fact]
    public async Task An_exam_without_questions_says_so()
    {
        var course = await world.Api.GetAsync("/api/courses/cafe-c-sharp/questions/rasch");

        var exam = Assert.Single(course["exams"]!.AsArray())!;
        Assert.Empty(exam["questions"]!.AsArray());
        Assert.Contains("has questions", (string)exam["reason"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/courses/cobol/questions/rasch", HttpStatusCode.NotFound)]
    [InlineData("/api/courses/once/questions/rasch?exam=git-a", HttpStatusCode.NotFound)]
    [InlineData("/api/courses/once/questions/rasch?sort=difficulty", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_is_refused(string path, HttpStatusCode status)
    {
        Assert.NotEmpty(await world.Api.RefusedAsync(path, status));
    }

    [Fact]
    public async Task A_calibration_comes_in_every_shape()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(Textbook));

        foreach (var format in (string[])["csv", "md", "html", "arrow"])
        {
            var table = await api.Client.GetStringAsync($"{Path}?format={format}", Cancel);

            Assert.Contains("difficulty", table, StringComparison.Ordinal);
            Assert.Contains("q4", table, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_many_ask_for_at_the_same_time_is_computed_once()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(Random(items: 150, takers: 150)));
        using var computations = new Computations(items: 150);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.Client.GetStringAsync(Path, Cancel)));

        Assert.Single(answers.Distinct());
        Assert.Equal(1, computations.Count);
    }

    [Fact]
    public async Task A_calibration_is_given_up_when_the_last_who_asked_leaves()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(Random(items: 900, takers: 60)));
        using var computations = new Computations(items: 900);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var asking = api.Client.GetAsync(Path, leaving.Token);
        await computations.Started.WaitAsync(Cancel);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(ActivityStatusCode.Error, (await computations.Stopped.WaitAsync(Cancel)).Status);
    }

    [Fact]
    public async Task One_who_leaves_takes_nothing_from_another_who_waits()
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(Random(items: 300, takers: 60)));
        using var computations = new Computations(items: 300);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var first = api.Client.GetAsync(Path, leaving.Token);
        await computations.Started.WaitAsync(Cancel);
        var second = api.Client.GetAsync(Path, Cancel);
        await Task.Delay(50, Cancel); // Most often it is waiting by then; if not, the test is passed more easily.
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        using var answer = await second;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static string[] Random(int items, int takers)
    {
        var random = new Random(items);
        return [.. Enumerable.Range(0, takers).Select(_ => string.Concat(Enumerable.Range(0, items).Select(_ => random.Next(2))))];
    }

    private static bool IsWellConditioned(string[] takers)
    {
        // Items that all or none of the informative takers have right are left out, until there are none.
        while (true)
        {
            var informative = takers.Where(answers => answers.Distinct().Count() == 2).ToArray();
            var kept = Enumerable.Range(0, takers[0].Length).Where(item => informative.Select(answers => answers[item]).Distinct().Count() == 2).ToArray();
            if (informative.Length == 0 || kept.Length == takers[0].Length)
            {
                return informative.Length > 0 && IsStronglyConnected(informative);
            }

            takers = [.. takers.Select(answers => string.Concat(kept.Select(item => answers[item])))];
        }
    }

    // Whether each item leads to each other, by steps from one that somebody has right to one that the same has wrong.
    private static bool IsStronglyConnected(string[] takers)
    {
        var items = Enumerable.Range(0, takers[0].Length).ToArray();
        return items.All(start =>
        {
            var reached = new HashSet<int> { start };
            while (items.Any(next => takers.Any(answers => answers[next] == '0' && reached.Any(item => answers[item] == '1')) && reached.Add(next)))
            {
            }

            return reached.Count == items.Length;
        });
    }

    private async Task<JsonNode> CalibrateAsync(params string[] takers)
    {
        await using var api = new ApiServer(await exams.CreateDatabaseAsync(takers));
        return (await api.GetAsync(Path))["exams"]![0]!;
    }

    /// <summary>Watches the calibrations of exams with so many items.</summary>
    private sealed class Computations : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<Activity> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Computations(int items)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Analytics.Api",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (IsOurs(activity))
                    {
                        Interlocked.Increment(ref _count);
                        _stopped.TrySetResult(activity);
                    }
                },
                ActivityStarted = activity =>
                {
                    if (IsOurs(activity))
                    {
                        _started.TrySetResult();
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);

            bool IsOurs(Activity activity) => activity.OperationName == "calibrate" && items.Equals(activity.GetTagItem("activity.items"));
        }

        public int Count => _count;

        public Task Started => _started.Task;

        public Task<Activity> Stopped => _stopped.Task;

        public void Dispose() => _listener.Dispose();
    }
}
