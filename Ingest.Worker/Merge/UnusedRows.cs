using System.Data;
using Assessments;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>
/// Deletes, after a removal, what nobody has a part in any more: rows of figures that count nothing, and courses, exams, versions, questions and options that
/// no event names. Whoever remembers their keys reads them anew, as the marks are new.
/// </summary>
internal static class UnusedRows
{
    // Of an attempt's newest event the figures tell what it names; the others are few.
    private static readonly string[] OfExams =
    [
        "delete from exam_scores where exam_id = any($1) and messages = 0 and attempts = 0",
        "delete from start_days where (exam_id = any($1) or exam_id = 0) and quarters = '{}'",
        "delete from exam_durations where exam_id = any($1) and messages = 0 and attempts = 0",
        "delete from exam_results where exam_id = any($1) and attempts = 0",
        "delete from item_results using items where items.exam_id = any($1) and items.item_id = item_results.item_id and attempts = 0",
        """
        delete from item_option_choices c using item_options o, items i
        where i.exam_id = any($1) and i.item_id = o.item_id and o.item_option_id = c.item_option_id and shown = 0
        """,
        """
        delete from exam_version_results r using exam_versions v
        where v.exam_id = any($1) and v.exam_version_id = r.exam_version_id and r.attempts = 0
        """,
        "delete from exam_version_choices c using exam_versions v where v.exam_id = any($1) and v.exam_version_id = c.exam_version_id and v.attempts = 0",
        """
        update exam_version_choices c set (item_option_ids, shown, chosen) = (
          select array_agg(option.id order by place), array_agg(option.shown order by place), array_agg(option.chosen order by place)
          from unnest(c.item_option_ids, c.shown, c.chosen) with ordinality as option (id, shown, chosen, place)
          where option.shown > 0)
        from exam_versions v
        where v.exam_id = any($1) and v.exam_version_id = c.exam_version_id and 0 = any(c.shown)
        """,
        """
        delete from exam_versions v
        where exam_id = any($1) and attempts = 0
          and not exists (select from events where not is_newest and events.exam_id = v.exam_id and events.exam_version_id = v.exam_version_id)
        """,
        """
        delete from item_options o using items i
        where i.exam_id = any($1) and i.item_id = o.item_id
          and not exists (select from item_option_choices c where c.item_option_id = o.item_option_id)
          and not exists (select from events where not is_newest and events.exam_id = i.exam_id and o.item_option_id = any(item_option_ids))
        """,
        """
        with unused as (
          select item_id
          from items i
          where exam_id = any($1) and not exists (select from item_results r where r.item_id = i.item_id)
            and not exists (select from events where not is_newest and events.exam_id = i.exam_id and i.item_id = any(item_ids)))
        delete from item_keys k using unused where k.item_id = unused.item_id
        """,
        """
        delete from items i
        where exam_id = any($1) and not exists (select from item_results r where r.item_id = i.item_id)
          and not exists (select from events where not is_newest and events.exam_id = i.exam_id and i.item_id = any(item_ids))
        """,
        "delete from exam_totals where exam_id = any($1) and messages = 0",
        "delete from exams e where exam_id = any($1) and not exists (select from exam_totals t where t.exam_id = e.exam_id)",
        "delete from course_user_totals where users = 0",
    ];

    /// <param name="connection">In the transaction of the removal.</param>
    /// <param name="examIds">Of which it was.</param>
    /// <param name="userIds">Whom the removed events named.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    public static async Task DeleteAsync(NpgsqlConnection connection, int[] examIds, string[] userIds, CancellationToken cancellationToken)
    {
        var courseIds = await CoursesAsync(connection, examIds, cancellationToken);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.BatchCommands.Add(RollupCommands.Command(
                "delete from course_users where user_id = any($1) and course_id = any($2) and attempts = 0",
                new NpgsqlParameter<string[]> { TypedValue = userIds },
                new NpgsqlParameter<int[]> { TypedValue = [0, .. courseIds] }));
            foreach (var statement in OfExams)
            {
                batch.BatchCommands.Add(statement.Contains("$1", StringComparison.Ordinal)
                    ? RollupCommands.Command(statement, new NpgsqlParameter<int[]> { TypedValue = examIds })
                    : RollupCommands.Command(statement));
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await DeleteCoursesAsync(connection, courseIds, cancellationToken);
    }

    private static async Task<int[]> CoursesAsync(NpgsqlConnection connection, int[] examIds, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("select coalesce(array_agg(distinct course_id), '{}') from exams where exam_id = any($1)", connection);
        find.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = examIds });
        return (int[])(await find.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Deletes courses without an exam. The plain slug that one had goes to the preferred of the others that would have it.</summary>
    private static async Task DeleteCoursesAsync(NpgsqlConnection connection, int[] courseIds, CancellationToken cancellationToken)
    {
        var slugs = new List<string>();
        await using (var delete = new NpgsqlCommand(
            "delete from courses c where course_id = any($1) and not exists (select from exams e where e.course_id = c.course_id) returning slug", connection))
        {
            delete.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = courseIds });
            await using var reader = await delete.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                slugs.Add(reader.GetString("slug"));
            }
        }

        foreach (var slug in slugs.Where(slug => !slug.Contains('~', StringComparison.Ordinal)))
        {
            await GivePlainSlugAsync(connection, slug, cancellationToken);
        }
    }

    private static async Task GivePlainSlugAsync(NpgsqlConnection connection, string slug, CancellationToken cancellationToken)
    {
        string? preferred = null;
        await using (var find = new NpgsqlCommand("select name from courses where starts_with(slug, $1)", connection))
        {
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{slug}~" });
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var name = reader.GetString("name");
                preferred = preferred is null || Slug.IsPreferred(name, preferred) ? name : preferred;
            }
        }

        if (preferred is not null)
        {
            await using var give = new NpgsqlCommand("update courses set slug = $1 where name = $2", connection);
            give.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
            give.Parameters.Add(new NpgsqlParameter<string> { TypedValue = preferred });
            await give.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
