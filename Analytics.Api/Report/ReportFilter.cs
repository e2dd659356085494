using System.Globalization;
using Analytics.Api.Filters;
using Microsoft.AspNetCore.Http.Extensions;

namespace Analytics.Api.Report;

/// <summary>What the report is about.</summary>
/// <param name="Course">The course's slug; null for all.</param>
/// <param name="Exam">The base_exam_id of the exam whose questions are shown; null for the course's most taken one.</param>
/// <param name="Dates">The clock, and the days if there are any.</param>
internal sealed record ReportFilter(string? Course, string? Exam, Dates Dates)
{
    public const string DayPattern = @"^\d{4}-\d\d-\d\d$";
    public const string DayComplaint = "The parameters from and to are days as 2018-01-31.";

    /// <summary>The days, if any: without them the figures come from the rollups of everything.</summary>
    public Dates? Days => Dates is { From: null, To: null } ? null : Dates;

    /// <summary>Reads what the page's form sends.</summary>
    /// <returns>The filter, or a sentence that says what is wrong.</returns>
    public static (ReportFilter? Filter, string? Complaint) Of(string? course, string? exam, string? from, string? to, string? tz)
    {
        if (!TryDay(from, out var first) || !TryDay(to, out var last))
        {
            return (null, DayComplaint);
        }

        var dates = new Dates(tz ?? Dates.Utc, first, last);
        return dates.Complaint is { } complaint ? (null, complaint)
            : exam is not null && course is null ? (null, "The parameter exam needs the parameter course.")
            : (new ReportFilter(course, exam, dates), null);
    }

    /// <summary>The address of this report, or of the same about something else.</summary>
    public string Address(string path)
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in (IEnumerable<(string, string?)>)
            [("course", Course), ("exam", Exam), ("from", Text(Dates.From)), ("to", Text(Dates.To)), ("tz", Dates.Zone == Dates.Utc ? null : Dates.Zone)])
        {
            if (value is not null)
            {
                query.Add(name, value);
            }
        }

        return path + query;
    }

    /// <summary>A day as a form has it.</summary>
    public static string? Text(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);

    private static bool TryDay(string? text, out DateOnly? day)
    {
        var known = DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed);
        day = known ? parsed : null;
        return known || text is null;
    }
}
