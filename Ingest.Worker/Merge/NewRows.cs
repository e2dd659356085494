using System.Text.Json.Nodes;
using Assessments;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Merge;

/// <summary>Writes a batch's events, attempts and answers. A replaced attempt leaves with its answers and comes again under its old key.</summary>
internal static class NewRows
{
    public static async Task WriteAsync(
        NpgsqlConnection connection,
        NewEvents events,
        List<long> replaced,
        List<AttemptRow> attempts,
        CancellationToken cancellationToken)
    {
        if (events.Redelivered.Count > 0)
        {
            await using var count = new NpgsqlCommand(
                "update events set redeliveries = redeliveries + more from unnest($1, $2) as again (id, more) where keen_id = id", connection);
            count.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. events.Redelivered.Keys] });
            count.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. events.Redelivered.Values] });
            await count.ExecuteNonQueryAsync(cancellationToken);
        }

        if (replaced.Count > 0)
        {
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new("delete from answers where attempt_id = any($1)") { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. replaced] } } },
                    new("delete from attempts where attempt_id = any($1)") { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. replaced] } } },
                },
            };
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        if (events.Added.Count > 0)
        {
            await CopyEventsAsync(connection, events, cancellationToken);
        }

        if (attempts.Count > 0)
        {
            await CopyAttemptsAsync(connection, attempts, cancellationToken);
            await CopyAnswersAsync(connection, attempts, cancellationToken);
        }
    }

    private static async Task CopyEventsAsync(NpgsqlConnection connection, NewEvents events, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy events (keen_id, user_exam_id, redeliveries) from stdin (format binary)", cancellationToken);
        foreach (var (keenId, userExamId) in events.Added)
        {
            await copy.StartRowAsync(cancellationToken);
            copy.Write(keenId, NpgsqlDbType.Text);
            copy.Write(userExamId, NpgsqlDbType.Text);
            copy.Write(events.Repeated.GetValueOrDefault(keenId), NpgsqlDbType.Integer);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task CopyAttemptsAsync(NpgsqlConnection connection, List<AttemptRow> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy attempts (attempt_id, user_exam_id, keen_id, version, exam_id, user_id, created_at, started_at, ended_at, certification,
              max_attempts, sequence_id, attempt_number, total, correct, incorrect, incomplete, submitted, unanswered, all_correct,
              implausible_start, implausible_counts)
            from stdin (format binary)
            """,
            cancellationToken);
        foreach (var row in rows)
        {
            var attempt = row.Event;
            var counts = row.Figures.HasImplausibleCounts ? null : attempt.Counts;
            await copy.StartRowAsync(cancellationToken);
            copy.Write(row.AttemptId, NpgsqlDbType.Bigint);
            copy.Write(attempt.UserExamId, NpgsqlDbType.Text);
            copy.Write(attempt.KeenId, NpgsqlDbType.Text);
            copy.Write(BatchMerge.VersionOf(attempt), NpgsqlDbType.Bigint);
            copy.Write(row.Exam.Id, NpgsqlDbType.Integer);
            WriteText(copy, row.Figures.UserId);
            Write(
                copy,
                attempt.KeenCreatedAt is { } created ? AttemptFigures.WholeMicroseconds(DateTime.UnixEpoch.AddTicks(created)) : null,
                NpgsqlDbType.TimestampTz);
            Write(copy, row.Figures.StartedAt, NpgsqlDbType.TimestampTz);
            Write(copy, row.Figures.EndedAt, NpgsqlDbType.TimestampTz);
            copy.Write(attempt.Certification, NpgsqlDbType.Boolean);
            Write(copy, attempt.MaxAttempts, NpgsqlDbType.Integer);
            WriteText(copy, attempt.SequenceId);
            Write(copy, attempt.Attempt, NpgsqlDbType.Integer);
            Write(copy, counts?.Total, NpgsqlDbType.Integer);
            Write(copy, counts?.Correct, NpgsqlDbType.Integer);
            Write(copy, counts?.Incorrect, NpgsqlDbType.Integer);
            Write(copy, counts?.Incomplete, NpgsqlDbType.Integer);
            Write(copy, counts?.Submitted, NpgsqlDbType.Integer);
            Write(copy, counts?.Unanswered, NpgsqlDbType.Integer);
            Write(copy, attempt.Counts?.AllCorrect, NpgsqlDbType.Boolean);
            Write(copy, row.Figures.ImplausibleStart, NpgsqlDbType.TimestampTz);
            if (row.Figures.HasImplausibleCounts)
            {
                copy.Write(Text(attempt.Counts!), NpgsqlDbType.Jsonb);
            }
            else
            {
                copy.WriteNull();
            }
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task CopyAnswersAsync(NpgsqlConnection connection, List<AttemptRow> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy answers (attempt_id, position, item_id, user_result, user_correct, user_incomplete, user_submitted,
              item_option_ids, checked, submitted, answered_at)
            from stdin (format binary)
            """,
            cancellationToken);
        foreach (var row in rows)
        {
            short position = 0;
            foreach (var question in row.Event.Questions)
            {
                position = checked((short)(position + 1));
                var item = row.Exam.Items[question.Id ?? ""];
                var (ids, ticked, submitted, answeredAt) = Options(question, item);
                await copy.StartRowAsync(cancellationToken);
                copy.Write(row.AttemptId, NpgsqlDbType.Bigint);
                copy.Write(position, NpgsqlDbType.Smallint);
                copy.Write(item.Id, NpgsqlDbType.Integer);
                WriteText(copy, question.UserResult);
                Write(copy, question.UserCorrect, NpgsqlDbType.Boolean);
                Write(copy, question.UserIncomplete, NpgsqlDbType.Boolean);
                Write(copy, question.UserSubmitted, NpgsqlDbType.Boolean);
                copy.Write(ids, NpgsqlDbType.Array | NpgsqlDbType.Integer);
                copy.Write(ticked, NpgsqlDbType.Array | NpgsqlDbType.Boolean);
                copy.Write(submitted, NpgsqlDbType.Array | NpgsqlDbType.Boolean);
                copy.Write(answeredAt, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
            }
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static (int[] Ids, bool?[] Checked, bool?[] Submitted, DateTime?[] AnsweredAt) Options(Question question, Item item)
    {
        var count = question.Options.Count;
        var (ids, ticked, submitted, answeredAt) = (new int[count], new bool?[count], new bool?[count], new DateTime?[count]);
        for (var i = 0; i < count; i++)
        {
            var option = question.Options[i];
            ids[i] = item.Options[option.Id ?? ""].Id;
            ticked[i] = option.Checked;
            submitted[i] = option.Submitted;
            answeredAt[i] = AttemptFigures.WholeMicroseconds(option.At);
        }

        return (ids, ticked, submitted, answeredAt);
    }

    private static string Text(AttemptCounts counts)
    {
        var said = new JsonObject();
        foreach (var (name, count) in (ReadOnlySpan<(string, int?)>)
            [
                ("total", counts.Total), ("correct", counts.Correct), ("incorrect", counts.Incorrect),
                ("incomplete", counts.Incomplete), ("submitted", counts.Submitted), ("unanswered", counts.Unanswered),
            ])
        {
            if (count is not null)
            {
                said[name] = count;
            }
        }

        return said.ToJsonString();
    }

    private static void Write<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type)
        where T : struct
    {
        if (value is { } some)
        {
            copy.Write(some, type);
        }
        else
        {
            copy.WriteNull();
        }
    }

    private static void WriteText(NpgsqlBinaryImporter copy, string? value)
    {
        if (value is null)
        {
            copy.WriteNull();
        }
        else
        {
            copy.Write(value, NpgsqlDbType.Text);
        }
    }
}
