using System.Globalization;
using System.Text.Json.Nodes;
using Analytics.Tests.Analytics.Api;

namespace Analytics.Tests.Statistics;

/// <summary>Our figures beside R's on the same answers; R/expected.R made the figures expected.</summary>
public sealed class ItemStatisticsTests(AnsweredExams exams, ITestOutputHelper output) : IClassFixture<AnsweredExams>
{
    private const double ClosedForm = 1e-9;
    private const double Iterated = 1e-9; // The issue asks for 1e-5.

    // eRm's own estimates lie up to 5e-5 from the maximum, as expected.R prints.
    private const double Unpolished = 1e-4;

    public static TheoryData<string> Exams =>
    [
        "textbook", "learning-git", "simulated-500x20", "simulated-misfit-200x10", "simulated-5000x40",
        "edge-wide-300x12", "edge-perfect-and-zero-items", "edge-three-items", "edge-extreme-takers",
    ];

    [Theory]
    [MemberData(nameof(Exams))]
    public async Task Classical_figures_equal_those_of_psych(string name)
    {
        var exam = await exams.GetAsync(name);

        Compare(name, ClosedForm, (figure, key) => figure switch
        {
            "mean" => exam.Analysis["meanScore"],
            "sd" => exam.Analysis["standardDeviation"],
            "skew" => exam.Analysis["skewness"],
            "kurtosis" => exam.Analysis["kurtosis"],
            "raw_alpha" => exam.Analysis["alpha"],
            "alpha.drop" => Question(exam.Analysis, key)["alphaIfDeleted"],
            "r.drop" => Question(exam.Analysis, key)["itemRest"],
            "raw.r" => Question(exam.Analysis, key)["pointBiserial"],
            "item.mean" => (double)Question(exam.Analysis, key)["facility"]! / 100,
            "item.sd" => (double)Question(exam.Analysis, key)["standardDeviation"]! / 100,
            _ => Unknown,
        });
    }

    [Theory]
    [MemberData(nameof(Exams))]
    public async Task Scores_are_distributed_as_R_has_it(string name)
    {
        var scores = (await exams.GetAsync(name)).Scores;

        Compare(name, ClosedForm, (figure, key) => (figure, key) switch
        {
            ("mean", _) => scores["mean"],
            ("sd", _) => scores["standardDeviation"],
            ("quartile", "25") => scores["lowerQuartile"],
            ("quartile", "50") => scores["median"],
            ("quartile", "75") => scores["upperQuartile"],
            _ => Unknown,
        });
    }

    [Theory]
    [MemberData(nameof(Exams))]
    public async Task Figures_equal_the_formulas_that_Moodle_publishes(string name)
    {
        var exam = (await exams.GetAsync(name)).Analysis;

        Compare(name, ClosedForm, (figure, key) => figure switch
        {
            "moodle.facility" => Question(exam, key)["facility"],
            "moodle.sd" => Question(exam, key)["standardDeviation"],
            "moodle.discrimination" => 100 * (double?)Question(exam, key)["itemRest"],
            "moodle.efficiency" => Question(exam, key)["discriminativeEfficiency"],
            "moodle.weight" => Question(exam, key)["effectiveWeight"],
            "moodle.skewness" => exam["skewness"],
            "moodle.kurtosis" => exam["kurtosis"],
            "moodle.consistency" => 100 * (double?)exam["alpha"],
            "moodle.errorRatio" => exam["errorRatio"],
            "moodle.standardError" => exam["standardError"],
            "upper-lower" => Question(exam, key)["discriminationIndex"],
            _ => Unknown,
        });
    }

    [Theory]
    [MemberData(nameof(Exams))]
    public async Task Calibrations_equal_those_of_eRm(string name)
    {
        var exam = (await exams.GetAsync(name)).Calibration;

        Compare(name, Iterated, (figure, key) => figure switch
        {
            "difficulty" => Question(exam, key)["difficulty"],
            "se.beta" => Question(exam, key)["standardError"],
            "infit" => Question(exam, key)["infit"],
            "outfit" => Question(exam, key)["outfit"],
            "infit.t" => Question(exam, key)["infitT"],
            "outfit.t" => Question(exam, key)["outfitT"],
            "ability" => Total(exam, key)["ability"],
            "ability.se" => Total(exam, key)["standardError"],
            "loglik" => exam["logLikelihood"],
            "sep.rel" => exam["separationReliability"],
            _ => Unknown,
        });
        Compare(name, Unpolished, (figure, key) => figure switch
        {
            "eRm.difficulty" => Question(exam, key)["difficulty"],
            "eRm.se.beta" => Question(exam, key)["standardError"],
            "eRm.ability" => Total(exam, key)["ability"],
            "eRm.loglik" => exam["logLikelihood"],
            _ => Unknown,
        });
    }

    // Stands for figures of another test.
    private static JsonNode Unknown { get; } = new JsonObject();

    private static JsonNode Question(JsonNode exam, string id) =>
        exam["questions"]!.AsArray().Single(question => (string)question!["questionId"]! == id)!;

    private static JsonNode Total(JsonNode exam, string total) =>
        exam["abilities"]!.AsArray().Single(ability => (int)ability!["total"]! == int.Parse(total, CultureInfo.InvariantCulture))!;

    /// <summary>
    /// Compares, to a tolerance relative to figures over 1, all expected figures that <paramref name="ours"/> knows, and tells the greatest difference of each.
    /// </summary>
    private void Compare(string name, double tolerance, Func<string, string, JsonNode?> ours)
    {
        var greatest = new SortedDictionary<string, double>();
        foreach (var (figure, key, expected) in AnsweredExams.Expected(name))
        {
            var answer = ours(figure, key);
            if (answer == Unknown)
            {
                continue;
            }

            var actual = (double?)answer;
            Assert.True(actual is null == expected is null, $"{figure} {key} is {actual?.ToString("R") ?? "null"}, R has {expected?.ToString("R") ?? "none"}.");
            if (expected is { } value)
            {
                var difference = Math.Abs(actual!.Value - value) / Math.Max(1, Math.Abs(value));
                greatest[figure] = Math.Max(greatest.GetValueOrDefault(figure), difference);
                Assert.True(difference <= tolerance, $"{figure} {key} is {actual:R}, R has {value:R}: {difference:E1} away.");
            }
        }

        Assert.NotEmpty(greatest);
        foreach (var (figure, difference) in greatest)
        {
            output.WriteLine($"{name} {figure} {difference:E1}");
        }
    }
}
