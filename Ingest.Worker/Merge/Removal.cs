using System.Data;
using System.Text;
using Ingest.Worker.Batches;
using Npgsql;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>
/// Takes those who are erased out of rows and figures, as if they had never been, and leaves their marks. In a transaction that has locked the marks for
/// itself; what only the erased had named, such as a course, goes at its end.
/// </summary>
internal sealed class Removal
{
    private readonly NpgsqlConnection _connection;
    private readonly CancellationToken _cancellationToken;
    private readonly HashSet<string> _attempts;
    private readonly string[] _students;
    private readonly List<StoredEvent> _events = [];

    private Removal(NpgsqlConnection connection, IReadOnlyCollection<Erasure> erasures, CancellationToken cancellationToken)
    {
        (_connection, _cancellationToken) = (connection, cancellationToken);
        _attempts = Ids(ErasureKind.Attempt).ToHashSet(StringComparer.Ordinal);
        _students = [.. Ids(ErasureKind.Student)];

        IEnumerable<string> Ids(ErasureKind kind) => erasures.Where(erasure => erasure.Kind == kind).Select(erasure => erasure.Id);
    }

    /// <summary>Attempts that were in the tables.</summary>
    public int Attempts { get; private set; }

    /// <summary>Records that were in the tables, redeliveries included.</summary>
    public int Messages { get; private set; }

    /// <summary>The exams that the removed events were of.</summary>
    private int[] ExamIds => [.. _events.Select(stored => stored.Figures).OfType<AttemptFigures>().Select(figures => figures.ExamId).Distinct()];

    /// <summary>The users that they named.</summary>
    private string[] UserIds => [.. _events.Select(stored => stored.Figures?.UserId).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Events that were dead letters as their keen_id belonged to an erased attempt, for the caller to merge: they are in no table now.</summary>
    public List<IncomingMessage> Restored { get; } = [];

    public static async Task<Removal> RunAsync(NpgsqlConnection connection, IReadOnlyCollection<Erasure> erasures, CancellationToken cancellationToken)
    {
        var removal = new Removal(connection, erasures, cancellationToken);
        await removal.FindAttemptsAsync();
        await removal.MarkAsync();
        await removal.ReadEventsAsync();
        if (removal._events.Count > 0)
        {
            await removal.RemoveAsync();
        }

        await removal.RestoreAsync();
        return removal;
    }

    /// <summary>Deletes what is left of the erased when everything else of the transaction is written.</summary>
    /// <returns>How many dead letters there were.</returns>
    public async Task<int> CompleteAsync()
    {
        var letters = await DeleteLettersAsync();
        if (_events.Count > 0)
        {
            await UnusedRows.DeleteAsync(_connection, ExamIds, UserIds, _cancellationToken);
        }

        return letters;
    }

    /// <summary>Deletes the dead letters that name one of the erased: sent again, they would bring them back.</summary>
    private async Task<int> DeleteLettersAsync()
    {
        var letters = new List<long>();
        await using (var find = Command(
            """
            select dead_letter_id, key, value from dead_letters
            where key = any($1) or position('\x5c75'::bytea in value) > 0 or exists (select from unnest($1) as id where position(id in value) > 0)
              or (value is not null and position('"user_id"'::bytea in value) = 0 and position('"user_exam_id"'::bytea in value) = 0)
            """,
            [.. _attempts.Concat(_students).Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)]))
        await using (var reader = await find.ExecuteReaderAsync(_cancellationToken))
        {
            while (await reader.ReadAsync(_cancellationToken))
            {
                if (NamedIds.Of(Bytes(reader, "key"), Bytes(reader, "value")).Any(Has))
                {
                    letters.Add(reader.GetInt64("dead_letter_id"));
                }
            }
        }

        if (letters.Count > 0)
        {
            await using var delete = Command(
                """
                with gone as (delete from dead_letters where dead_letter_id = any($1) returning topic, topic_id, partition)
                update ingest_partitions p set dead_letters = p.dead_letters - letters, erased = p.erased + letters
                from (select topic, topic_id, partition, count(*) as letters from gone group by 1, 2, 3) as gone
                where (p.topic, p.topic_id, p.partition) = (gone.topic, gone.topic_id, gone.partition)
                """,
                letters.ToArray());
            await delete.ExecuteNonQueryAsync(_cancellationToken);
        }

        return letters.Count;
    }

    private bool Has(Erasure erasure) =>
        erasure.Kind == ErasureKind.Attempt ? _attempts.Contains(erasure.Id) : _students.Contains(erasure.Id, StringComparer.Ordinal);

    /// <summary>The attempts of which any event is of one of the students.</summary>
    private async Task FindAttemptsAsync()
    {
        if (_students.Length == 0)
        {
            return;
        }

        // By cases, as each has an index of its own.
        await using var find = Command(
            """
            select user_exam_id from events where is_newest and user_id = any($1)
            union select user_exam_id from events where not is_newest and user_id = any($1)
            union select user_exam_id from events where is_newest and user_exam_id = any($1) and user_id is null
            union select user_exam_id from events where not is_newest and user_exam_id = any($1) and user_id is null and exam_id is not null
            """,
            _students);
        await using (var reader = await find.ExecuteReaderAsync(_cancellationToken))
        {
            while (await reader.ReadAsync(_cancellationToken))
            {
                _attempts.Add(reader.GetString(0));
            }
        }

        // Those whose events have the keen_id of another attempt's.
        await using var letters = Command(
            "select value from dead_letters where value is not null and starts_with(reason, $1[1])", [Contradictions.ReasonStart]);
        await using var letter = await letters.ExecuteReaderAsync(_cancellationToken);
        while (await letter.ReadAsync(_cancellationToken))
        {
            if (IncomingMessage.ReadEvent(letter.GetFieldValue<byte[]>(0)).Attempt is { } attempt && Has(ErasedMessages.StudentOf(attempt)))
            {
                _attempts.Add(attempt.UserExamId);
            }
        }
    }

    private async Task MarkAsync()
    {
        (string Kind, byte[] Hash)[] marks =
        [
            .. _students.Select(id => (ErasureMarks.NameOf(ErasureKind.Student), ErasureMarks.HashOf(id))),
            .. _attempts.Select(id => (ErasureMarks.NameOf(ErasureKind.Attempt), ErasureMarks.HashOf(id))),
        ];
        await using var mark = Command(
            "insert into erasures (kind, id_hash) select * from unnest($1, $2) on conflict do nothing", Array.ConvertAll(marks, mark => mark.Kind));
        mark.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = Array.ConvertAll(marks, mark => mark.Hash) });
        await mark.ExecuteNonQueryAsync(_cancellationToken);
    }

    private async Task ReadEventsAsync()
    {
        await using var find = Command(
            $"""
            select {StoredEvent.Columns} from {StoredEvent.Tables} where is_newest and user_exam_id = any($1)
            union all select {StoredEvent.Columns} from {StoredEvent.Tables} where not is_newest and user_exam_id = any($1)
            """,
            [.. _attempts]);
        await using var reader = await find.ExecuteReaderAsync(_cancellationToken);
        while (await reader.ReadAsync(_cancellationToken))
        {
            var stored = StoredEvent.Read(reader);
            _events.Add(stored);
            Attempts += stored.IsNewest ? 1 : 0;
            Messages += 1 + stored.Redeliveries;
        }
    }

    private async Task RemoveAsync()
    {
        var rollups = new Rollups();
        foreach (var stored in _events)
        {
            if (stored.Figures is not { } figures)
            {
                continue;
            }

            for (var delivery = 0; delivery <= stored.Redeliveries; delivery++)
            {
                rollups.AddMessage(figures, isRedelivery: delivery > 0, sign: -1);
            }

            if (stored.IsNewest)
            {
                rollups.AddAttempt(figures, -1);
            }
        }

        var items = new ItemRollups();
        await items.SubtractAsync(_connection, [.. _events.Where(stored => stored.IsNewest).Select(stored => stored.EventId)], _cancellationToken);
        string[] keenIds = [.. _events.Select(stored => stored.KeenId)];
        await LeavePlacesAsync(keenIds);
        await using (var batch = new NpgsqlBatch(_connection))
        {
            batch.BatchCommands.Add(RollupCommands.Command(
                "delete from redeliveries where keen_id = any($1)", new NpgsqlParameter<string[]> { TypedValue = keenIds }));
            batch.BatchCommands.Add(RollupCommands.Command(
                "delete from events where event_id = any($1)", new NpgsqlParameter<long[]> { TypedValue = [.. _events.Select(stored => stored.EventId)] }));
            foreach (var command in rollups.Commands().Concat(items.Commands()))
            {
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(_cancellationToken);
        }

        await StateKeysAnewAsync(keenIds);
    }

    /// <summary>Counts the records as erased where they were counted as messages.</summary>
    private async Task LeavePlacesAsync(string[] keenIds)
    {
        await using var leave = Command(
            """
            update ingest_partitions p
            set messages = p.messages - records, erased = p.erased + records, altered_redeliveries = p.altered_redeliveries - altered
            from (
              select place_id, count(*) as records, count(*) filter (where is_altered) as altered
              from (
                select place_id, false as is_altered from events where keen_id = any($1)
                union all
                select place_id, is_altered from redeliveries where keen_id = any($1)) as deliveries
              group by place_id) as place
            where p.place_id = place.place_id
            """,
            keenIds);
        await leave.ExecuteNonQueryAsync(_cancellationToken);
    }

    /// <summary>
    /// An answer key that an erased event had stated is that of the newest of the other events that state one. Where none does, it goes; it stays where an
    /// event shows the question that was ingested before rows told which options it names as right.
    /// </summary>
    private async Task StateKeysAnewAsync(string[] keenIds)
    {
        await using var state = Command(
            """
            with gone as materialized (
              select item_id, exam_id from item_keys join items using (item_id) where keen_id = any($1)
            ), shown as materialized (
              select gone.item_id, version, keen_id, option.item_option_id, option.code
              from gone join events on events.exam_id = gone.exam_id and gone.item_id = any(item_ids)
                cross join lateral unnest(item_ids, option_ends) with ordinality as question (item_id, option_end, place)
                cross join lateral (
                  select item_option_ids[i] as item_option_id, get_byte(option_marks, i - 1) / 9 as code
                  from generate_series(coalesce(option_ends[place - 1], 0) + 1, option_end) as i) as option
              where question.item_id = gone.item_id and option.code <> 1
            ), stated as materialized (
              select distinct on (item_id) item_id, version, keen_id, item_option_ids
              from (
                select item_id, version, keen_id, array_agg(distinct item_option_id order by item_option_id) as item_option_ids
                from shown where code = 2 group by item_id, version, keen_id) as keys
              order by item_id, version desc, keen_id desc
            ), kept as (
              update item_keys k
              set version = coalesce(stated.version, -9223372036854775808), keen_id = coalesce(stated.keen_id, ''),
                item_option_ids = coalesce(stated.item_option_ids, k.item_option_ids)
              from gone left join stated using (item_id)
              where k.item_id = gone.item_id and (stated.item_id is not null or gone.item_id in (select item_id from shown where code = 0))
              returning k.item_id, k.item_option_ids
            ), deleted as (
              delete from item_keys k using gone
              where k.item_id = gone.item_id and gone.item_id not in (select item_id from shown)
            )
            update item_options o
            set is_correct = coalesce(o.item_option_id = any(kept.item_option_ids), false)
            from gone left join kept using (item_id)
            where o.item_id = gone.item_id and is_correct <> coalesce(o.item_option_id = any(kept.item_option_ids), false)
            """,
            keenIds);
        await state.ExecuteNonQueryAsync(_cancellationToken);
    }

    /// <summary>
    /// Takes back from the dead letters what names an erased attempt, or an event of one, as the owner of its keen_id: it is looked at anew, whether another
    /// has it now.
    /// </summary>
    private async Task RestoreAsync()
    {
        var letters = new List<(long Id, IncomingMessage Message)>();
        await using (var find = Command(
            """
            select dead_letter_id, topic, topic_id, partition, place_id, kafka_offset, kafka_timestamp, key, value
            from dead_letters join ingest_partitions using (topic, topic_id, partition)
            where value is not null and starts_with(reason, $2) and (
              exists (select from unnest($1) as claim (beginning) where starts_with(reason, beginning))
              or exists (select from unnest($3) as owner (ending) where position(ending in reason) > 0))
            """,
            [.. _events.Select(stored => Contradictions.ReasonBeginning(stored.KeenId))]))
        {
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Contradictions.ReasonStart });
            find.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. _attempts.Select(Contradictions.ReasonEnd)] });
            await using var reader = await find.ExecuteReaderAsync(_cancellationToken);
            while (await reader.ReadAsync(_cancellationToken))
            {
                letters.Add((reader.GetInt64("dead_letter_id"), ReadLetter(reader)));
            }
        }

        letters.RemoveAll(letter => letter.Message.Event is not { } attempt || _attempts.Contains(attempt.UserExamId));
        if (letters.Count == 0)
        {
            return;
        }

        Restored.AddRange(letters.Select(letter => letter.Message));
        await using var delete = Command(
            """
            with gone as (delete from dead_letters where dead_letter_id = any($1) returning topic, topic_id, partition)
            update ingest_partitions p set dead_letters = p.dead_letters - letters, messages = p.messages + letters
            from (select topic, topic_id, partition, count(*) as letters from gone group by 1, 2, 3) as gone
            where (p.topic, p.topic_id, p.partition) = (gone.topic, gone.topic_id, gone.partition)
            """,
            letters.ConvertAll(letter => letter.Id).ToArray());
        await delete.ExecuteNonQueryAsync(_cancellationToken);
    }

    private static IncomingMessage ReadLetter(NpgsqlDataReader reader)
    {
        var offset = reader.GetInt64("kafka_offset");
        var value = reader.GetFieldValue<byte[]>("value");
        var claim = new Claim(reader.GetString("topic"), reader.GetString("topic_id"), reader.GetInt32("partition"), epoch: 0, position: offset, isFresh: false)
        {
            PlaceId = reader.GetInt32("place_id"),
        };
        return new IncomingMessage
        {
            Claim = claim,
            From = offset,
            To = offset + 1,
            Offset = offset,
            Timestamp = reader.GetFieldValue<DateTime?>("kafka_timestamp"),
            Key = Bytes(reader, "key"),
            Value = value,
            Event = IncomingMessage.ReadEvent(value).Attempt,
        };
    }

    private static byte[]? Bytes(NpgsqlDataReader reader, string column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    private NpgsqlCommand Command<T>(string sql, T[] ids)
    {
        var command = new NpgsqlCommand(sql, _connection);
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = ids });
        return command;
    }
}
