using System.Globalization;
using System.Text.Json.Nodes;
using Analytics.Api.Http;
using Microsoft.OpenApi;

namespace Analytics.Api.Filters;

/// <summary>A parameter that is part of a <see cref="Filter"/>.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Description">What it says, for the documentation.</param>
/// <param name="Schema">Its values, for the documentation.</param>
/// <param name="Read">Puts a text into a filter, or tells in a sentence why it can't.</param>
/// <param name="Write">The text that a filter has; null where it has what it has without the parameter.</param>
internal sealed record FilterWord(
    string Name, string Description, Func<OpenApiSchema> Schema, Func<Filter, string, (Filter? Filter, string? Complaint)> Read, Func<Filter, string?> Write);

/// <summary>The parameters of which filters are made, each with all there is to know of it.</summary>
internal static class FilterWords
{
    public const string Course = "course";
    public const string Exam = "exam";
    public const string Version = "version";
    public const string From = "from";
    public const string To = "to";
    public const string Zone = "tz";
    public const string User = "user";
    public const string Take = "take";
    public const string PassMark = "passMark";

    private static readonly DateOnly FirstDay = new(1970, 1, 1);
    private static readonly DateOnly LastDay = new(2999, 12, 31);
    private static readonly string[] Takes = [.. Enum.GetNames<Take>().Select(name => name.ToLowerInvariant())];

    public static IReadOnlyList<FilterWord> All { get; } =
    [
        new(Course, "Only this course, by its slug.", Text, (filter, text) => (filter with { Course = text }, null), filter => filter.Course),
        new(Exam, "Only this exam, by its base_exam_id.", Text, (filter, text) => (filter with { Exam = text }, null), filter => filter.Exam),
        new(
            Version, "Only this version of exams, by its id: a set of questions. /api/courses/{slug}/questions lists them.", Text,
            (filter, text) => (filter with { Version = text }, null), filter => filter.Version),
        new(
            From, "Only attempts that started on this day, in the time zone, or later; from 1970-01-01 on.", Day,
            (filter, text) => TryDay(text, out var day) ? (filter with { From = day }, null) : (null, NoDay(From, text)), filter => Filter.Text(filter.From)),
        new(
            To, "Only attempts that started on this day, in the time zone, or earlier; up to 2999-12-31.", Day,
            (filter, text) => TryDay(text, out var day) ? (filter with { To = day }, null) : (null, NoDay(To, text)), filter => Filter.Text(filter.To)),
        new(
            Zone, "An IANA time zone, as Europe/Berlin, for days and hours.",
            () => new() { Type = JsonSchemaType.String, MaxLength = 64, Default = Filter.Utc },
            (filter, text) => Clock.Of(text) is null
                ? (null, $"There is no time zone \"{text}\"{Nearest.Question(text, Clock.Names, "; IANA names are known, as Europe/Berlin.")}")
                : (filter with { Zone = text }, null),
            filter => filter.Zone == Filter.Utc ? null : filter.Zone),
        new(
            User, "Only the attempts of this student: a user_id, or the user_exam_id of an attempt that names no user.", Text,
            (filter, text) => (filter with { User = text }, null), filter => filter.User),
        new(
            Take, "Which of a student's attempts at each exam: all, the first, the best (the highest score, of as many the earlier) or the last.",
            () => new() { Type = JsonSchemaType.String, Enum = [.. Takes.Select(take => (JsonNode)take)], Default = Takes[0] },
            (filter, text) => Array.IndexOf(Takes, text) is >= 0 and var take
                ? (filter with { Take = (Take)take }, null)
                : (null, $"The parameter {Take} can't be \"{text}\": it is all, first, best or last{Nearest.Question(text, Takes)}"),
            filter => filter.Take == Filters.Take.All ? null : Takes[(int)filter.Take]),
        new(
            PassMark, "Percent that a score must be over to pass.",
            () => new() { Type = JsonSchemaType.Number, Minimum = "0", Maximum = "100", Default = (double)Filter.UsualPassMark },
            (filter, text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var mark) && mark is not (>= 0 and <= 100)
                ? (null, $"The parameter {PassMark} must be between 0 and 100.")
                : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? (filter with { PassMark = exact }, null)
                : (null, $"The parameter {PassMark} can't be \"{text}\": a number is expected."),
            filter => filter.PassMark == Filter.UsualPassMark ? null : filter.PassMark.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>What is wrong with a filter's days, in a sentence; null if nothing is.</summary>
    public static string? ComplaintOfDays(Filter filter) =>
        filter.From > filter.To ? "The parameter from is a day after to."
        : filter.From < FirstDay || filter.To < FirstDay || filter.From > LastDay || filter.To > LastDay
            ? $"The parameters from and to are days from {FirstDay:O} to {LastDay:O}."
        : null;

    private static bool TryDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private static string NoDay(string name, string text) => $"The parameter {name} can't be \"{text}\": a date as 2018-01-31 is expected.";

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String, MaxLength = Filter.LongestName };

    private static OpenApiSchema Day() => new() { Type = JsonSchemaType.String, Format = "date" };
}
