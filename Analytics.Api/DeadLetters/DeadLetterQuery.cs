using System.Data;
using System.Text.Json;
using Analytics.Api.Database;
using Npgsql;

namespace Analytics.Api.DeadLetters;

/// <summary>Reads dead letters.</summary>
internal static class DeadLetterQuery
{
    private const string Columns = """
        dead_letter_id, topic, partition, kafka_offset, kafka_timestamp, octet_length(value) as bytes, reason, recorded_at,
        source_file, source_line, replayed_at, repaired_at
        """;

    private const string PageSql = $"""
        select {Columns}
        from dead_letters
        where dead_letter_id < $1 and ($2::text is null or reason_group = $2) and ($3::boolean is null or (repaired_at is null) = $3)
        order by dead_letter_id desc
        limit $4 + 1
        """;

    private const string GroupsSql = """
        select reason_group, sum(count)::bigint as count, sum(open)::bigint as open, min(first) as first, max(last) as last, example, source_file, source_line
        from (
          select reason_group, count(*) as count, count(*) filter (where repaired_at is null) as open, min(recorded_at) as first, max(recorded_at) as last,
            max(dead_letter_id) as example
          from dead_letters
          group by reason_group) as groups
        join (select dead_letter_id, source_file, source_line from dead_letters) as newest on dead_letter_id = example
        group by reason_group, example, source_file, source_line
        order by open desc, count desc, reason_group
        limit 1000
        """;

    private const string LetterSql = $"select {Columns}, headers, key, value from dead_letters where dead_letter_id = $1";

    private const string OpenSql = """
        select dead_letter_id, value
        from dead_letters
        where reason_group = $1 and repaired_at is null and dead_letter_id > $2 and dead_letter_id <= $3 and value is not null
        order by dead_letter_id
        limit $4
        """;

    /// <summary>One page and one letter more, if there is one.</summary>
    public static async Task<List<DeadLetter>> ReadPageAsync(
        this ActivityDatabase database, HttpContext context, long before, string? reason, bool? open, int size, CancellationToken cancellationToken)
    {
        NpgsqlParameter[] parameters =
        [
            new NpgsqlParameter<long> { TypedValue = before }, new NpgsqlParameter<string?> { TypedValue = reason },
            new NpgsqlParameter { Value = open ?? (object)DBNull.Value, DbType = DbType.Boolean }, new NpgsqlParameter<int> { TypedValue = size },
        ];
        await using var reader = await database.QueryAsync(context, [PageSql], parameters, cancellationToken);
        return await reader.ReadAllAsync(ReadLetter, cancellationToken);
    }

    public static async Task<List<DeadLetterGroup>> ReadGroupsAsync(this ActivityDatabase database, HttpContext context, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(context, [GroupsSql], [], cancellationToken);
        return await reader.ReadAllAsync(
            row => new DeadLetterGroup(
                row.Get<string>("reason_group"), row.Get<long>("count"), row.Get<long>("open"),
                row.Get<DateTimeOffset>("first"), row.Get<DateTimeOffset>("last"), row.Get<long>("example"),
                row.GetOrNull<string>("source_file"), row.Get<long?>("source_line")),
            cancellationToken);
    }

    public static async Task<DeadLetterDetail?> FindAsync(this ActivityDatabase database, HttpContext context, long id, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(context, [LetterSql], [new NpgsqlParameter<long> { TypedValue = id }], cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new DeadLetterDetail(
                ReadLetter(reader), JsonElement.Parse(reader.Get<string>("headers")), reader.GetOrNull<byte[]>("key"), reader.GetOrNull<byte[]>("value"))
            : null;
    }

    /// <summary>The number of the newest dead letter; 0 where there is none.</summary>
    public static async Task<long> ReadNewestAsync(this NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select coalesce(max(dead_letter_id), 0) from dead_letters");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The next ones of a group that are not repaired, by number.</summary>
    public static async Task<List<(long Id, byte[] Value)>> ReadOpenAsync(
        this NpgsqlDataSource database, string reason, long after, long until, int count, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(OpenSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = until });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var letters = new List<(long, byte[])>();
        while (await reader.ReadAsync(cancellationToken))
        {
            letters.Add((reader.Get<long>("dead_letter_id"), reader.Get<byte[]>("value")));
        }

        return letters;
    }

    private static DeadLetter ReadLetter(NpgsqlDataReader row) => new(
        row.Get<long>("dead_letter_id"), row.Get<string>("topic"), row.Get<int>("partition"), row.Get<long>("kafka_offset"),
        row.Get<DateTimeOffset?>("kafka_timestamp"), row.Get<int?>("bytes"), row.Get<string>("reason"),
        row.Get<DateTimeOffset>("recorded_at"), row.GetOrNull<string>("source_file"), row.Get<long?>("source_line"),
        row.Get<DateTimeOffset?>("replayed_at"), row.Get<DateTimeOffset?>("repaired_at"));
}
