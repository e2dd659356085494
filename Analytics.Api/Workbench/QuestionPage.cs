using System.Globalization;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Questions;
using Analytics.Api.Report;
using Statistics;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>All that is known of one question.</summary>
/// <param name="Filter">What it is about.</param>
/// <param name="Course">The course's name.</param>
/// <param name="Exam">Its exam.</param>
/// <param name="Question">The question.</param>
/// <param name="Calibration">The exam's calibration.</param>
/// <param name="Scores">How those with each total did on it; null where it can't be related to the total.</param>
/// <param name="ByScore">Its options by score group.</param>
/// <param name="ByMonth">How it does from month to month.</param>
internal sealed record QuestionData(
    Filter Filter, string Course, ExamAnalysis Exam, QuestionAnalysis Question, ExamCalibration Calibration, ItemScores? Scores, QuestionOptions ByScore,
    QuestionMonths ByMonth)
{
    public QuestionCalibration? Calibrated => Calibration.Questions.FirstOrDefault(question => question.QuestionId == Question.QuestionId);
}

/// <summary>The page of one question.</summary>
internal static class QuestionPage
{
    private const double WidestAbility = 4;

    public static string Render(QuestionData data) => PageLayout.Render(
        $"{Title(data.Question)} · Activity",
        Html($"""
            <header>
            <p class="period"><a href="{data.Filter.Address("/questions")}">{(data.Course.Length == 0 ? "(no name)" : data.Course)}, exam {ReportText.Short(data.Exam.BaseExamId)}</a></p>
            <h1{(data.Question.Text is null ? Html($" class=\"id\"") : None)}>{Title(data.Question)}</h1>
            {Named(data.Question)}
            <p class="verdict lead">{QuestionsPage.Verdict(data.Question.Verdict, data.Question.Rule)}</p>
            {FilterForm.Render("/questions/item", data.Filter, courses: null, "", Html($"""{Hidden("course", data.Filter.Course!)}{Hidden("exam", data.Filter.Exam!)}{Hidden("question", data.Question.QuestionId)}"""))}
            </header>
            <main id="content">
            {Contradictions(data.Question)}
            {Headline(data)}
            {Curve(data)}
            {Options(data)}
            {Drift(data)}
            </main>
            <footer><p class="screen">As data: {Sources(data)}</p></footer>
            """),
        Tab.Questions);

    private static Markup Hidden(string name, string value) => Html($"""<input type="hidden" name="{name}" value="{value}">""");

    private static string Title(QuestionAnalysis question) => question.Text is { } text ? ItemName.Of(question.QuestionId, text) : $"Question {question.QuestionId}";

    private static Markup Named(QuestionAnalysis question) => question is { Text: null, Topic: null } ? None : Html($"""
        {(question.Text is { } text && text != Title(question) ? Html($"""<p>{text}</p>""") : None)}
        <p class="period">{(question.Topic is { } topic ? $"Topic {topic}. " : "")}Question <code>{question.QuestionId}</code></p>
        """);

    private static Markup Contradictions(QuestionAnalysis question)
    {
        var wrong = question.Options.Where(option => option.CatalogueKey is { } key && key != option.IsCorrect).ToArray();
        return wrong.Length == 0 ? None : Html($"""
            <p class="warning" role="note">The catalogue’s key contradicts the events, by which the figures here go: {wrong.Select((option, index) => Html($"""{(index == 0 ? "" : "; ")}“{ItemName.Of(option.OptionId, option.Text)}” is {(option.IsCorrect ? "wrong" : "right")} by the catalogue"""))}.</p>
            """);
    }

    private static Markup Headline(QuestionData data)
    {
        var (question, calibrated) = (data.Question, data.Calibrated);
        (string Name, string Figure, string Note)[] tiles =
        [
            ("Correct", Wording.Percent(question.Facility), $"of {Wording.Counted(question.Attempts, "attempt", "attempts")}"),
            ("Discrimination", Wording.Coefficient(question.ItemRest), "correlation with the other questions"),
            ("Difficulty", Wording.Coefficient(calibrated?.Difficulty), calibrated?.StandardError is { } error
                ? $"logits, standard error {Wording.Coefficient(error)}" : "logits"),
            ("Infit", Wording.Coefficient(calibrated?.Infit), calibrated?.Verdict ?? data.Calibration.Reason ?? ""),
            ("Left out", Wording.Percent(100.0 * question.Omitted / question.Attempts), $"{Wording.Count(question.Omitted)} did not answer"),
        ];
        return Html($"""
            <dl class="headline">{tiles.Select(tile => Html($"""<div><dt>{tile.Name}</dt><dd><b>{tile.Figure}</b> <span>{tile.Note}</span></dd></div>"""))}</dl>
            {(question.Reason is { } reason ? Html($"""<p class="quiet">{reason}</p>""") : None)}
            """);
    }

    private static Markup Curve(QuestionData data)
    {
        if (data is not { Calibrated.Difficulty: { } difficulty, Scores: { } scores })
        {
            return Html($"""<section><h2>Characteristic curve</h2><p class="empty">{data.Calibrated?.Reason ?? data.Calibration.Reason ?? data.Question.Reason ?? "The Rasch model gives this question no difficulty."}</p></section>""");
        }

        var observed = data.Calibration.Abilities.Where(ability => ability.Ability is not null && ability.Attempts > 0 && scores.Takers[ability.Total] > 0)
            .Select(ability =>
                (ability.Total, Ability: ability.Ability!.Value, Takers: scores.Takers[ability.Total],
                Share: 100.0 * scores.Correct[ability.Total] / scores.Takers[ability.Total]))
            .ToArray();
        var (low, high) = (Math.Min(-WidestAbility, observed.Min(point => Math.Floor(point.Ability))),
            Math.Max(WidestAbility, observed.Max(point => Math.Ceiling(point.Ability))));
        var plot = new Plot(
            "icc", "Who answers it correctly",
            $"The line is what the Rasch model expects of takers of each ability; the points are those with each total, from {observed[0].Total} to {observed[^1].Total} correct. Points flatter than the line say that it discriminates less than the other questions.",
            new PlotAxis("Ability, logits", low, high, 2), new PlotAxis("Correct, %", 0, 100, 20))
        {
            Lines = [
                new PlotLine("Rasch model",
                [.. Enumerable.Range(0, 61).Select(step => low + step * (high - low) / 60).Select(ability =>
                (ability, 100 / (1 + Math.Exp(difficulty - ability))))])],
            Points = [
                .. observed.Select(point =>
                new PlotPoint(point.Ability, point.Share,
                $"{point.Total} correct: {Wording.Percent(point.Share)} of {Wording.Counted(point.Takers, "attempt", "attempts")}"))],
            PointsName = "observed",
            Guides = [new PlotGuide($"difficulty {Wording.Coefficient(difficulty)}", X: difficulty)],
            Table = Html($"""
                <table><thead><tr><th scope="col" class="number">Total</th><th scope="col" class="number">Ability</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Correct</th><th scope="col" class="number">Expected</th></tr></thead>
                <tbody>{observed.Select(point => Html($"""<tr><td class="number">{point.Total}</td><td class="number">{Wording.Coefficient(point.Ability)}</td><td class="number">{Wording.Count(point.Takers)}</td><td class="number">{Wording.Percent(point.Share)}</td><td class="number">{Wording.Percent(100 / (1 + Math.Exp(difficulty - point.Ability)))}</td></tr>"""))}</tbody></table>
                """),
        };
        return Html($"""
            <section aria-labelledby="icc-title">
            <h2>Characteristic curve</h2>
            {plot.Render()}
            </section>
            """);
    }

    private static Markup Options(QuestionData data)
    {
        var groups = data.ByScore.Groups;
        var options = groups.SelectMany(group => group.Options).DistinctBy(option => option.OptionId).OrderByDescending(option => option.IsCorrect).ToArray();
        return Html($"""
            <section aria-labelledby="options">
            <h2 id="options">Options by score</h2>
            <p>Share of the takers in each group of scores that chose an option. A right option should gain towards the best, a wrong one lose; one that nobody chooses tells nothing.</p>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="options"><table class="groups">
            <thead><tr><th scope="col">Option</th>{groups.Select(group => Html($"""<th scope="col">{group.From}{(group.To == 100 ? "–100" : $" to under {group.To}")} %<br><span>{Wording.Counted(group.Attempts, "attempt", "attempts")}</span></th>"""))}</tr></thead>
            <tbody>{options.Select(option => Row(
                Html($"""{ItemName.Render(option.OptionId, option.Text)} {(option.IsCorrect ? Html($"""<b class="right">right</b>""") : None)}"""), groups,
                group => group.Options.FirstOrDefault(one => one.OptionId == option.OptionId) is { Shown: > 0 } one ? 100.0 * one.Chosen / one.Shown : null))}
            {Row(Html($"Left out"), groups, group => 100.0 * group.Omitted / group.Attempts)}
            {Row(Html($"Answered correctly"), groups, group => 100.0 * group.Correct / group.Attempts)}</tbody>
            </table></div>
            </section>
            """);
    }

    private static Markup Row(Markup name, IReadOnlyList<ScoreGroup> groups, Func<ScoreGroup, double?> share) => Html($"""
        <tr><th scope="row">{name}</th>{groups.Select(group => share(group) is { } percent ? Html($"""<td>{Bar.Of(percent, 100)}<span class="number">{Wording.Percent(percent)}</span></td>""") : Html($"""<td class="quiet">–</td>"""))}</tr>
        """);

    private static Markup Drift(QuestionData data)
    {
        var months = data.ByMonth.Months;
        if (months.Count == 0)
        {
            return Html($"""<section><h2>From month to month</h2><p class="empty">No attempt has a start.</p></section>""");
        }

        var first = Index(months[0].Month);
        var moved = months.Count < 2 ? "There is one month only."
            : months[^1].FacilityLow > months[0].FacilityHigh ? "It has become easier: the intervals of the first and the last month lie apart."
            : months[^1].FacilityHigh < months[0].FacilityLow ? "It has become harder: the intervals of the first and the last month lie apart."
            : "The intervals of the first and the last month overlap: no drift can be told from chance.";
        var table = Html($"""
            <table><thead><tr><th scope="col">Month</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Correct</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">Other questions</th><th scope="col" class="number">Left out</th></tr></thead>
            <tbody>{months.Select(month => Html($"""<tr><th scope="row">{month.Month}</th><td class="number">{Wording.Count(month.Attempts)}</td><td class="number">{Wording.Percent(month.Facility)}</td><td class="number">{Wording.Points(month.FacilityLow)}–{Wording.Percent(month.FacilityHigh)}</td><td class="number">{Wording.Percent(month.RestScore)}</td><td class="number">{Wording.Percent(100.0 * month.Omitted / month.Attempts)}</td></tr>"""))}</tbody></table>
            """);
        var plot = new Plot(
            "drift", "Drift", $"{moved} Where the other questions move too, the takers changed and not the question.",
            new PlotAxis("Month", first, Index(months[^1].Month), Math.Max(1, Math.Ceiling((Index(months[^1].Month) - first) / 6)), MonthOf),
            new PlotAxis("Correct, %", 0, 100, 20))
        {
            Lines =
            [
                new PlotLine("this question", [.. months.Select(month => (Index(month.Month), month.Facility))]),
                new PlotLine("the other questions, same takers",
                    [.. months.Where(month => month.RestScore is not null).Select(month => (Index(month.Month), month.RestScore!.Value))], Strong: false),
            ],
            Points = [
                .. months.Select(month =>
                new PlotPoint(Index(month.Month), month.Facility,
                $"{month.Month}: {Wording.Percent(month.Facility)} of {Wording.Counted(month.Attempts, "attempt", "attempts")}"))],
            Table = table,
        };
        return Html($"""
            <section aria-labelledby="drift-title">
            <h2>From month to month</h2>
            {(months.Count < 2 ? Html($"""<p id="drift-title">{moved}</p><div class="scroll" role="region" tabindex="0" aria-labelledby="drift-title">{table}</div>""") : plot.Render())}
            </section>
            """);
    }

    private static double Index(string month) =>
        int.Parse(month[..^3], CultureInfo.InvariantCulture) * 12 + int.Parse(month[^2..], CultureInfo.InvariantCulture) - 1;

    private static string MonthOf(double index) => Wording.Month(new DateOnly((int)Math.Round(index) / 12, (int)Math.Round(index) % 12 + 1, 1));

    private static Markup Sources(QuestionData data)
    {
        var path = $"/api/courses/{Uri.EscapeDataString(data.Filter.Course!)}/questions";
        var filter = data.Filter with { Course = null };
        return Html($"""
            <a href="{filter.Address(path)}">questions</a>, <a href="{filter.Address($"{path}/rasch")}">calibration</a>,
            <a href="{filter.Address($"{path}/options", ("question", data.Question.QuestionId))}">options by score</a>,
            <a href="{filter.Address($"{path}/months", ("question", data.Question.QuestionId))}">months</a>.
            """);
    }
}
