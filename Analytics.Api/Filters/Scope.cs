using Npgsql;

namespace Analytics.Api.Filters;

/// <summary>The exams that a filter leaves: all, those of one course, or those of one id.</summary>
internal static class Scope
{
    /// <summary>Their exam_ids, as a subquery. $1 is the course's slug and $2 the base_exam_id, each null for all.</summary>
    public const string Exams = """
        (select exam_id from exams join courses using (course_id)
          where ($1::text is null or slug = $1) and ($2::text is null or base_exam_id = $2))
        """;

    public static NpgsqlParameter[] Parameters(Filter filter) =>
        [new NpgsqlParameter<string?> { TypedValue = filter.Course }, new NpgsqlParameter<string?> { TypedValue = filter.Exam }];
}
