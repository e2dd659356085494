using Microsoft.Extensions.Caching.Memory;
using Npgsql;
using NpgsqlTypes;

namespace Analytics.Api.Sql;

/// <summary>
/// Has PostgreSQL analyse a statement without running it, and holds everything that it uses against what is allowed: a view is made of the query and
/// rolled back, and the rule below the view names every function, operator, relation and type by oid, however it was written. What slips
/// through here meets the rights of the role that runs the statement.
/// </summary>
internal sealed class StatementGate(AnalysisSessions sessions) : IDisposable
{
    // In EXISTS a query may have columns of one name, or of types that no view has.
    private const string Before = "create temporary view asked as select exists (\n";
    private const string After = "\n)";

    // A statement of the length allowed makes a tenth of it, unless it is made to make much.
    private const int LongestTree = 4_000_000;

    private const string TreeSql = """
        select ev_class::bigint, case when length(ev_action::text) <= $1 then ev_action::text end,
          array_agg(refobjid) filter (where refclassid = 'pg_proc'::regclass),
          array_agg(refobjid) filter (where refclassid = 'pg_operator'::regclass),
          array_agg(refobjid) filter (where refclassid = 'pg_class'::regclass),
          array_agg(refobjid) filter (where refclassid = 'pg_type'::regclass),
          string_agg(distinct refclassid::regclass::text, ', ')
            filter (where refclassid not in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_class'::regclass, 'pg_type'::regclass, 'pg_collation'::regclass))
        from pg_rewrite left join pg_depend on classid = 'pg_rewrite'::regclass and objid = pg_rewrite.oid
        where ev_class = 'pg_temp.asked'::regclass
        group by pg_rewrite.oid
        """;

    private const string RefusedSql = AllowedObjects.Sql + """
        select 'function', coalesce(id::regprocedure::text, id::text), proname::text
        from unnest($3) used (id) left join pg_proc on pg_proc.oid = id where id not in (select oid from functions)
        union
        select 'operator', coalesce(id::regoperator::text, id::text), oprname::text
        from unnest($4) used (id) left join pg_operator on pg_operator.oid = id where id not in (select oid from operators)
        union
        select 'relation', coalesce(id::regclass::text, id::text), relname::text
        from unnest($5) used (id) left join pg_class on pg_class.oid = id
        where relnamespace is distinct from to_regnamespace('activity') or relkind is distinct from 'v'
        union
        select 'type', format_type(id, null), typname::text
        from unnest($6) used (id) left join pg_type on pg_type.oid = id where id not in (select oid from types)
        order by 1, 2
        """;

    // As PostgreSQL resolved the names of a text once, it does again; who changes the views need not wait long.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _passed = new(new MemoryCacheOptions { SizeLimit = 4 << 20 });

    /// <summary>Lets a statement pass or tells why not.</summary>
    /// <exception cref="SqlRefusedException">It uses what is not allowed.</exception>
    /// <exception cref="SqlUnavailableException">There is no way to analyse it.</exception>
    /// <exception cref="PostgresException">PostgreSQL does not understand it; the position is one in the query.</exception>
    public async Task CheckAsync(StatementForm statement, CancellationToken cancellationToken)
    {
        if (_passed.TryGetValue(statement.Analysed.Text, out _))
        {
            return;
        }

        await using var connection = await sessions.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await AnalyseAsync(connection, statement, cancellationToken);
        var uses = await ReadAsync(connection, cancellationToken);
        var refused = await RefusedAsync(connection, uses, statement, cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
        if (refused.Count > 0)
        {
            throw new SqlRefusedException(refused);
        }

        if (SizeBounds.Complaint(uses.Nodes) is var (complaint, function))
        {
            throw new SqlRefusedException(complaint, statement.Find(function));
        }

        _passed.Set(
            statement.Analysed.Text, true, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Kept, Size = statement.Analysed.Text.Length });
    }

    public void Dispose() => _passed.Dispose();

    private async Task AnalyseAsync(NpgsqlConnection connection, StatementForm statement, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (sessions.Role is { } powerless)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"set local role {powerless}"));
        }

        // With a parameter by position Npgsql sends the text as it is; without, it would look for statements in it by rules of its own.
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(Before + statement.Analysed.Text + After) { Parameters = { new NpgsqlParameter<int> { TypedValue = 0 } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("set local role none"));
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException gone) when (sessions.Role is not null && gone.BatchCommand == batch.BatchCommands[0])
        {
            sessions.Forget();
            throw new SqlUnavailableException($"The role for analysing is gone ({gone.MessageText}); try again.");
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.WrongObjectType
            && statement.Find("tablesample") is { } sample)
        {
            throw new SqlRefusedException("TABLESAMPLE is for tables, and what can be asked are views: write WHERE random() < 0.01, or "
                + "hashtext(user_exam_id) % 100 = 0 for the same sample each time.", sample);
        }
        catch (PostgresException refused) when (refused.Position > 0)
        {
            throw new StatementErrorException(refused, statement.Analysed.CharacterOf(refused.Position - Before.Length), statement);
        }
    }

    private static async Task<Uses> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TreeSql, connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = LongestTree } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        if (row.IsDBNull(1))
        {
            throw new SqlLimitException("The statement says too much to be analysed; take it apart.");
        }

        if (!row.IsDBNull(6))
        {
            throw new SqlRefusedException($"The statement uses what is no function, operator, view or type ({row.GetString(6)}).", position: null);
        }

        var uses = new Uses(NodeTree.ReadAll(row.GetString(1)), Oids(2), Oids(3), Oids(4), Oids(5));
        var itself = (uint)row.GetInt64(0);
        uses.Collect();
        uses.Relations.Remove(itself);
        return uses;

        HashSet<uint> Oids(int ordinal) => row.IsDBNull(ordinal) ? [] : [.. row.GetFieldValue<uint[]>(ordinal)];
    }

    private static async Task<List<RefusedUse>> RefusedAsync(
        NpgsqlConnection connection, Uses uses, StatementForm statement, CancellationToken cancellationToken)
    {
        var refused = uses.RefusedNodes.Select(node => new RefusedUse("construct", node, statement.Find(node.ToLowerInvariant()))).ToList();
        await using var command = new NpgsqlCommand(RefusedSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = Vocabulary.FunctionNames.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new NpgsqlParameter { Value = Vocabulary.Types, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                Oids(uses.Functions), Oids(uses.Operators), Oids(uses.Relations), Oids(uses.Types),
            },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var word = await rows.IsDBNullAsync(2, cancellationToken) ? "" : rows.GetString(2);
            refused.Add(new RefusedUse(rows.GetString(0), rows.GetString(1), word.Length > 0 ? statement.Find(word) : null));
        }

        return refused;

        static NpgsqlParameter Oids(HashSet<uint> oids) => new() { Value = oids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid };
    }
}
