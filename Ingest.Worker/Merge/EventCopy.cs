using System.Text.Json.Nodes;
using Assessments;
using Ingest.Worker.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Merge;

/// <summary>Brings rows into the table events by binary COPY.</summary>
internal static class EventCopy
{
    public static async Task WriteAsync(NpgsqlConnection connection, List<EventRow> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy events (keen_id, user_exam_id, version, content_hash, kafka_offset, place_id, is_newest, redeliveries, exam_id, exam_version_id, user_id,
              created_at, started_at, ended_at, implausible_start, certification, max_attempts, sequence_id, attempt_number, total, correct, incorrect, incomplete,
              submitted, unanswered, all_correct, implausible_counts, item_ids, results, other_results, option_ends, item_option_ids, option_marks, answered_at)
            from stdin (format binary)
            """,
            cancellationToken);
        foreach (var row in rows)
        {
            var (attempt, figures) = (row.Event, row.Figures);
            await copy.StartRowAsync(cancellationToken);
            WriteDelivery(copy, row.Message);
            copy.Write(row.IsNewest, NpgsqlDbType.Boolean);
            copy.Write(row.Redeliveries, NpgsqlDbType.Integer);
            copy.Write(row.Keys.Exam.Id, NpgsqlDbType.Integer);
            Write(copy, row.Keys.Version?.Id, NpgsqlDbType.Integer);
            WriteText(copy, figures.UserId);
            Write(
                copy,
                attempt.KeenCreatedAt is { } created ? AttemptFigures.WholeMicroseconds(DateTime.UnixEpoch.AddTicks(created)) : null,
                NpgsqlDbType.TimestampTz);
            Write(copy, figures.StartedAt, NpgsqlDbType.TimestampTz);
            Write(copy, figures.EndedAt, NpgsqlDbType.TimestampTz);
            Write(copy, figures.ImplausibleStart, NpgsqlDbType.TimestampTz);
            copy.Write(attempt.Certification, NpgsqlDbType.Boolean);
            Write(copy, attempt.MaxAttempts, NpgsqlDbType.Integer);
            WriteText(copy, attempt.SequenceId);
            Write(copy, attempt.Attempt, NpgsqlDbType.Integer);
            WriteCounts(copy, attempt.Counts, figures.HasImplausibleCounts);
            WriteAnswers(copy, attempt.Questions, row.Keys);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static void WriteDelivery(NpgsqlBinaryImporter copy, IncomingMessage message)
    {
        copy.Write(message.Event!.KeenId, NpgsqlDbType.Text);
        copy.Write(message.Event.UserExamId, NpgsqlDbType.Text);
        copy.Write(BatchMerge.VersionOf(message.Event), NpgsqlDbType.Bigint);
        copy.Write(Contradictions.HashOf(message), NpgsqlDbType.Bigint);
        copy.Write(message.Offset, NpgsqlDbType.Bigint);
        copy.Write(message.Claim.PlaceId, NpgsqlDbType.Integer);
    }

    /// <summary>What the event counts, in columns; or as it said it, in one, where it can't be.</summary>
    private static void WriteCounts(NpgsqlBinaryImporter copy, AttemptCounts? stated, bool isImplausible)
    {
        var counts = isImplausible ? null : stated;
        Write(copy, (short?)counts?.Total, NpgsqlDbType.Smallint);
        Write(copy, (short?)counts?.Correct, NpgsqlDbType.Smallint);
        Write(copy, (short?)counts?.Incorrect, NpgsqlDbType.Smallint);
        Write(copy, (short?)counts?.Incomplete, NpgsqlDbType.Smallint);
        Write(copy, (short?)counts?.Submitted, NpgsqlDbType.Smallint);
        Write(copy, (short?)counts?.Unanswered, NpgsqlDbType.Smallint);
        Write(copy, stated?.AllCorrect, NpgsqlDbType.Boolean);
        if (isImplausible)
        {
            copy.Write(Text(stated!), NpgsqlDbType.Jsonb);
        }
        else
        {
            copy.WriteNull();
        }
    }

    /// <summary>The questions as arrays, and the options of all of them as arrays, as the view answers takes them apart.</summary>
    private static void WriteAnswers(NpgsqlBinaryImporter copy, IReadOnlyList<Question> questions, AttemptKeys keys)
    {
        var (results, ends, marks) = (new short[questions.Count], new int[questions.Count], new byte[keys.OptionIds.Length]);
        string?[]? otherResults = null;
        DateTime?[]? times = null;
        var at = 0;
        for (var q = 0; q < questions.Count; q++)
        {
            var question = questions[q];
            results[q] = AnswerCode.Of(question);
            if (AnswerCode.IsOther(results[q]))
            {
                (otherResults ??= new string?[questions.Count])[q] = question.UserResult;
            }

            for (var o = 0; o < question.Options.Count; o++, at++)
            {
                var option = question.Options[o];
                marks[at] = AnswerCode.Of(option);
                if (option.At is not null)
                {
                    (times ??= new DateTime?[marks.Length])[at] = AttemptFigures.WholeMicroseconds(option.At);
                }
            }

            ends[q] = at;
        }

        copy.Write(keys.ItemIds, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        copy.Write(results, NpgsqlDbType.Array | NpgsqlDbType.Smallint);
        WriteArray(copy, otherResults, NpgsqlDbType.Text);
        copy.Write(ends, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        copy.Write(keys.OptionIds, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        copy.Write(marks, NpgsqlDbType.Bytea);
        WriteArray(copy, times, NpgsqlDbType.TimestampTz);
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

    private static void WriteArray<T>(NpgsqlBinaryImporter copy, T[]? values, NpgsqlDbType element)
    {
        if (values is null)
        {
            copy.WriteNull();
        }
        else
        {
            copy.Write(values, NpgsqlDbType.Array | element);
        }
    }
}
