using System.Text.Json.Nodes;
using Assessments;
using Ingest.Worker.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Merge;

/// <summary>Writes a batch's events, attempts and answers. A replaced attempt leaves with its answers and comes again under its old key.</summary>
internal static class NewRows
{
    public static async Task WriteAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        if (changes.Replaced.Count > 0)
        {
            long[] replaced = [.. changes.Replaced];
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new("delete from answers where attempt_id = any($1)") { Parameters = { new NpgsqlParameter<long[]> { TypedValue = replaced } } },
                    new("delete from attempts where attempt_id = any($1)") { Parameters = { new NpgsqlParameter<long[]> { TypedValue = replaced } } },
                },
            };
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        if (changes.TakenBack.Count > 0)
        {
            await TakeBackAsync(connection, changes, cancellationToken);
        }

        if (changes.Added.Count > 0)
        {
            await CopyEventsAsync(connection, changes.Added.Values, cancellationToken);
        }

        if (changes.Redelivered.Count > 0)
        {
            await AddRedeliveriesAsync(connection, changes.Redelivered, cancellationToken);
        }

        if (changes.Older.Count > 0)
        {
            await AddOlderAsync(connection, [.. changes.Older], cancellationToken);
        }

        if (changes.Attempts.Count > 0)
        {
            await CopyAttemptsAsync(connection, changes.Attempts, cancellationToken);
            await CopyAnswersAsync(connection, changes.Attempts, cancellationToken);
        }
    }

    /// <summary>
    /// Deletes events that are dead letters now. An answer key that one of them states gives way to any other statement; it goes at once where no attempt
    /// shows the question any more.
    /// </summary>
    private static async Task TakeBackAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        string[] keenIds = [.. changes.TakenBack];
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                OfEvents("delete from events where keen_id = any($1)", keenIds),
                OfEvents("delete from redeliveries where keen_id = any($1)", keenIds),
                OfEvents("delete from older_events where keen_id = any($1)", [.. keenIds, .. changes.Attempts.Select(row => row.Event.KeenId)]),
                OfEvents(
                    """
                    with gone as (
                      delete from item_keys
                      where keen_id = any($1) and not exists (select from answers where answers.item_id = item_keys.item_id)
                      returning item_id
                    )
                    update item_options set is_correct = false from gone where item_options.item_id = gone.item_id
                    """,
                    keenIds),
                OfEvents("update item_keys set version = -9223372036854775808, keen_id = '' where keen_id = any($1)", keenIds),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);

        static NpgsqlBatchCommand OfEvents(string sql, string[] keenIds) =>
            new(sql) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = keenIds } } };
    }

    private static async Task CopyEventsAsync(NpgsqlConnection connection, IEnumerable<IncomingMessage> events, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy events (keen_id, user_exam_id, place_id, kafka_offset, content_hash) from stdin (format binary)", cancellationToken);
        foreach (var message in events)
        {
            await copy.StartRowAsync(cancellationToken);
            copy.Write(message.Event!.KeenId, NpgsqlDbType.Text);
            copy.Write(message.Event.UserExamId, NpgsqlDbType.Text);
            copy.Write(message.Claim.PlaceId, NpgsqlDbType.Integer);
            copy.Write(message.Offset, NpgsqlDbType.Bigint);
            copy.Write(Contradictions.HashOf(message), NpgsqlDbType.Bigint);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task AddRedeliveriesAsync(NpgsqlConnection connection, List<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        await using var add = new NpgsqlCommand(
            """
            with again as (
              insert into redeliveries (keen_id, place_id, kafka_offset) select * from unnest($1, $2, $3) returning keen_id
            )
            update events set redeliveries = redeliveries + more
            from (select keen_id as id, count(*)::int as more from again group by keen_id) as counted
            where keen_id = id
            """,
            connection);
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(message => message.Event!.KeenId)] });
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. messages.Select(message => message.Claim.PlaceId)] });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. messages.Select(message => message.Offset)] });
        await add.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task AddOlderAsync(
        NpgsqlConnection connection, (string UserExamId, string KeenId, long Version)[] older, CancellationToken cancellationToken)
    {
        await using var add = new NpgsqlCommand(
            "insert into older_events (user_exam_id, keen_id, version) select * from unnest($1, $2, $3) on conflict do nothing", connection);
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(older, row => row.UserExamId) });
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(older, row => row.KeenId) });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(older, row => row.Version) });
        await add.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CopyAttemptsAsync(NpgsqlConnection connection, List<AttemptRow> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy attempts (attempt_id, user_exam_id, keen_id, version, exam_id, exam_version_id, user_id, created_at, started_at, ended_at, certification,
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
            Write(copy, row.Version?.Id, NpgsqlDbType.Integer);
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
