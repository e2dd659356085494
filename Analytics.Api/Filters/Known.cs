using Analytics.Api.Database;
using Analytics.Api.Http;
using Npgsql;

namespace Analytics.Api.Filters;

/// <summary>Whether what a filter names is there, so that a mistyped name is no empty answer.</summary>
internal static class Known
{
    // Of so many names the nearest is looked for; of users, of which there are millions, among those that come before and after it in order.
    private const string MostNames = "10000";
    private const string MostUsers = "100";

    // More are not told.
    private const int MostTold = 20;

    private const string InScope = "($1::text is null or slug = $1) and ($2::text is null or base_exam_id = $2)";

    // $1 is the course's slug, $2 the base_exam_id, $3 the version, $4 the student, each null for none. Only the names of the first that is not there are read.
    private const string Sql = $$"""
        select *, case
            when not has_course then array(select slug from courses order by slug limit {{MostNames}})
            when not has_exam then array(
              select base_exam_id from exams join courses using (course_id) where $1::text is null or slug = $1 order by 1 limit {{MostNames}})
            when not has_version then array(
              select version from exam_versions join exams using (exam_id) join courses using (course_id) where attempts > 0 and {{InScope}}
              order by attempts desc, version limit {{MostNames}})
            when not has_student then
              array(select user_id from course_users where course_id = 0 and attempts > 0 and user_id < $4 order by user_id desc limit {{MostUsers}})
              || array(select user_id from course_users where course_id = 0 and attempts > 0 and user_id > $4 order by user_id limit {{MostUsers}})
            else '{}' end names,
          case when has_course and has_exam and not has_version then array(
            select version || ' (' || cardinality(item_ids) || case cardinality(item_ids) when 1 then ' question, ' else ' questions, ' end
              || attempts || case attempts when 1 then ' attempt)' else ' attempts)' end
            from (
              select exam_version_id, version, item_ids, attempts from exam_versions join exams using (exam_id) join courses using (course_id)
              where attempts > 0 and {{InScope}} order by attempts desc, version limit 21) most
            order by attempts desc, (select max(started_at) from attempts where exam_version_id = most.exam_version_id) desc nulls last,
              cardinality(item_ids) desc, version)
            else '{}' end versions
        from (
          select $1::text is null or exists (select from courses join exams using (course_id) where slug = $1) has_course,
            $2::text is null or exists (select from exams join courses using (course_id) where {{InScope}}) has_exam,
            $3::text is null
              or exists (
                select from exam_versions join exams using (exam_id) join courses using (course_id) where version = $3 and attempts > 0 and {{InScope}}) has_version,
            $4::text is null or exists (select from attempts where user_id = $4)
              or exists (select from attempts where user_exam_id = $4 and user_id is null) has_student) known
        """;

    /// <summary>Asks for everything that a filter names.</summary>
    /// <returns>A query that answers a sentence if something is not there, else null; it asks nothing where the filter names nothing.</returns>
    public static Query<string?> Check(Filter filter) => filter is { Course: null, Exam: null, Version: null, User: null }
        ? new([], [], (_, _) => Task.FromResult<string?>(null))
        : new(
            [Sql],
            [
                .. Scope.Parameters(filter),
                new NpgsqlParameter<string?> { TypedValue = filter.Version },
                new NpgsqlParameter<string?> { TypedValue = filter.User },
            ],
            async (reader, cancellationToken) => (await reader.ReadAllAsync(row => Complaint(filter, row), cancellationToken)).Single());

    private static string? Complaint(Filter filter, NpgsqlDataReader row)
    {
        var (names, versions) = (row.Get<string[]>("names"), row.Get<string[]>("versions"));
        var amongOthers = versions.Length > MostTold ? "among others " : "";
        var ofCourse = filter.Course is null ? "" : $" of course \"{filter.Course}\"";
        return !row.Get<bool>("has_course") ? Missing("course", filter.Course!, "", "/api/courses lists them")
            : !row.Get<bool>("has_exam") ? Missing("exam", filter.Exam!, ofCourse, "/api/exams lists them")
            : !row.Get<bool>("has_version") ? Missing(
                "version", filter.Version!, "",
                versions.Length == 0 ? "no attempt was shown a question" : $"known are {amongOthers}{string.Join(", ", versions.Take(MostTold))}")
            : !row.Get<bool>("has_student") ? Missing("student", filter.User!, "", "/api/students lists the named ones, /api/attempts the others")
            : null;

        string Missing(string kind, string name, string where, string otherwise) =>
            $"There is no {kind} \"{name}\"{where}{Nearest.Question(name, names, $"; {otherwise}.")}";
    }
}
