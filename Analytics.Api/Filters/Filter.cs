using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace Analytics.Api.Filters;

/// <summary>
/// Which attempts a question is about, in the words that addresses, pages and SQL share. It binds from the query string as a parameter of a handler whose
/// endpoint <see cref="FilterEndpoints.TakesFilter{TBuilder}">takes it</see>, and writes itself back as one.
/// </summary>
internal sealed record Filter
{
    /// <summary>The most characters of a name or an id. An address has no more, so nothing that exists is refused.</summary>
    public const int LongestName = Http.OpenApiDocument.LongestAddress;

    public const string Utc = "UTC";

    /// <summary>The pass mark where none is given, in percent.</summary>
    public const decimal UsualPassMark = 70;

    /// <summary>Every attempt.</summary>
    public static readonly Filter Everything = new();

    /// <summary>The course's slug; null for all.</summary>
    public string? Course { get; init; }

    /// <summary>The exam's base_exam_id; null for all.</summary>
    public string? Exam { get; init; }

    /// <summary>A version (set of questions) of exams, by its id; null for all.</summary>
    public string? Version { get; init; }

    /// <summary>The first day on which attempts started, in the zone; null for no bound.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day; null for no bound.</summary>
    public DateOnly? To { get; init; }

    /// <summary>The IANA time zone of the days, and of what is told by hour or day: <c>tz</c>.</summary>
    public string Zone { get; init; } = Utc;

    /// <summary>The student: a user_id, or the user_exam_id of an attempt that names no user; null for all.</summary>
    public string? User { get; init; }

    /// <summary>Which of a student's attempts at each exam.</summary>
    public Take Take { get; init; }

    /// <summary>
    /// Percent that a score must be over to pass, as the decimal that was written: a score sent back as the pass mark is compared as it was given.
    /// </summary>
    public decimal PassMark { get; init; } = UsualPassMark;

    /// <summary>The zone's clock.</summary>
    public Clock Clock => Clock.Of(Zone)!;

    /// <summary>The instant at which the first day begins, UTC; null for no bound.</summary>
    public DateTime? Begin => From is { } from ? Clock.StartOf(from) : null;

    /// <summary>The instant at which the last day has ended, UTC; null for no bound.</summary>
    public DateTime? End => To is { } to ? Clock.StartOf(to.AddDays(1)) : null;

    /// <summary>What is given that leaves attempts out.</summary>
    public FilterParts Parts =>
        (Course is null ? 0 : FilterParts.Course) | (Exam is null ? 0 : FilterParts.Exam) | (Version is null ? 0 : FilterParts.Version)
        | (From is null && To is null ? 0 : FilterParts.Dates) | (User is null ? 0 : FilterParts.User) | (Take == Take.All ? 0 : FilterParts.Take);

    /// <summary>A path with this filter as its query string: only what is given, always in the same order.</summary>
    /// <param name="path">The path.</param>
    /// <param name="further">Parameters that follow the filter's; those without a value are left out.</param>
    public string Address(string path, params IEnumerable<(string Name, string? Value)> further)
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in FilterWords.All.Select(word => (word.Name, Value: word.Write(this))).Concat(further))
        {
            if (value is not null)
            {
                query.Add(name, value);
            }
        }

        return path + query;
    }

    /// <summary>A day as addresses and forms have it; null for null.</summary>
    public static string? Text(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Reads a filter from texts by the names of <see cref="FilterWords"/>; a text that is null or empty is none.</summary>
    /// <returns>The filter, or a sentence that says what is wrong.</returns>
    public static (Filter? Filter, string? Complaint) Read(Func<string, string?> valueOf)
    {
        var filter = Everything;
        foreach (var word in FilterWords.All)
        {
            if (valueOf(word.Name) is { Length: > 0 } text)
            {
                (var read, var complaint) = word.Read(filter, text);
                if (read is null)
                {
                    return (null, complaint);
                }

                filter = read;
            }
        }

        return FilterWords.ComplaintOfDays(filter) is { } wrong ? (null, wrong) : (filter, null);
    }

    /// <summary>Binds a handler's parameter.</summary>
    /// <exception cref="BadHttpRequestException">A value can't be read; the message is for the client.</exception>
    public static ValueTask<Filter?> BindAsync(HttpContext context)
    {
        var (filter, complaint) = Read(name => context.Request.Query[name]);
        return filter is null ? throw new BadHttpRequestException(complaint!) : ValueTask.FromResult<Filter?>(filter);
    }
}
