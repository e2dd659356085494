using Analytics.Api.Database;
using Analytics.Api.Http;
using Npgsql;

namespace Analytics.Api.Filters;

/// <summary>Which exams a question is about: all, those of one course, or those of one id.</summary>
internal static class Scope
{
    /// <summary>The most characters of a name or an id in an address. An address has no more, so nothing that exists is refused.</summary>
    public const int LongestName = OpenApiDocument.LongestAddress;

    /// <summary>Whether the scope's course and exam exist. $1 is the course's slug and $2 the base_exam_id, each null for all.</summary>
    private const string ExistsSql = $"select exists {Exams} found";

    /// <summary>The exam_ids in scope, as a subquery over the same two parameters.</summary>
    public const string Exams = """
        (select exam_id from exams join courses using (course_id)
          where ($1::text is null or slug = $1) and ($2::text is null or base_exam_id = $2))
        """;

    public static NpgsqlParameter[] Parameters(string? course, string? exam) =>
        [new NpgsqlParameter<string?> { TypedValue = course }, new NpgsqlParameter<string?> { TypedValue = exam }];

    /// <summary>Asks whether the scope exists; answers a sentence if nothing is in scope though something was named, else null.</summary>
    public static Query<string?> Check(string? course, string? exam) =>
        new([ExistsSql], Parameters(course, exam), (reader, cancellationToken) => ComplaintAsync(reader, course, exam, cancellationToken));

    /// <summary>Reads what <see cref="ExistsSql"/> answered and goes on to the next result.</summary>
    /// <returns>A sentence if nothing is in scope though something was named; else null.</returns>
    private static async Task<string?> ComplaintAsync(NpgsqlDataReader reader, string? course, string? exam, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        var exists = reader.Get<bool>("found") || (course is null && exam is null);
        await reader.NextResultAsync(cancellationToken);
        return exists ? null
            : exam is null ? $"There is no course \"{course}\"; /api/courses lists them."
            : $"There is no exam \"{exam}\"{(course is null ? "" : $" of course \"{course}\"")}; /api/exams lists them.";
    }
}
