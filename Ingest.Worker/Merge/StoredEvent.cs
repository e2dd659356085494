using System.Data;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>An event as it is stored.</summary>
/// <param name="EventId">Its key in the database.</param>
/// <param name="KeenId">Its keen_id.</param>
/// <param name="UserExamId">The attempt that it tells of.</param>
/// <param name="Version">Its version.</param>
/// <param name="IsNewest">Whether it is its attempt's newest.</param>
/// <param name="Redeliveries">How often it came again.</param>
/// <param name="Hash">Of its record's value; null for those of before hashes were kept.</param>
/// <param name="Figures">What it counts for in the rollups; null for those of before superseded events kept what they say.</param>
internal sealed record StoredEvent(
    long EventId, string KeenId, string UserExamId, long Version, bool IsNewest, int Redeliveries, long? Hash, AttemptFigures? Figures)
{
    /// <summary>What a query selects for <see cref="Read"/>, of the rows of <see cref="Tables"/>.</summary>
    public const string Columns = """
        event_id, keen_id, user_exam_id, version, is_newest, redeliveries, content_hash, e.exam_id, course_id, user_id, certification, total, correct,
        incomplete, unanswered, started_at, ended_at, implausible_counts is not null as has_implausible_counts, implausible_start
        """;

    public const string Tables = "events a left join exams e on e.exam_id = a.exam_id";

    public static StoredEvent Read(NpgsqlDataReader reader) => new(
        reader.GetInt64("event_id"),
        reader.GetString("keen_id"),
        reader.GetString("user_exam_id"),
        reader.GetInt64("version"),
        reader.GetBoolean("is_newest"),
        reader.GetInt32("redeliveries"),
        reader.GetFieldValue<long?>("content_hash"),
        reader.IsDBNull("exam_id") ? null : ReadFigures(reader));

    private static AttemptFigures ReadFigures(NpgsqlDataReader reader)
    {
        int? total = reader.GetFieldValue<short?>("total");
        return new AttemptFigures(
            reader.GetInt32("exam_id"),
            reader.GetInt32("course_id"),
            reader.IsDBNull("user_id") ? null : reader.GetString("user_id"),
            reader.GetBoolean("certification"),
            total,
            reader.GetFieldValue<short?>("correct"),
            AttemptFigures.CompletionOf(total, reader.GetFieldValue<short?>("incomplete"), reader.GetFieldValue<short?>("unanswered")),
            reader.GetFieldValue<DateTime?>("started_at"),
            reader.GetFieldValue<DateTime?>("ended_at"),
            reader.GetBoolean("has_implausible_counts"),
            reader.GetFieldValue<DateTime?>("implausible_start"));
    }
}
