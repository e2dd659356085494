using Analytics.Api.Shapes;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace Analytics.Api.Database;

/// <summary>Says of an endpoint that its answers are also made of something beside the data, and which version of it there is.</summary>
internal sealed record FurtherVersion(Func<HttpContext, string> Read);

/// <summary>
/// Reads of the database <c>activity</c> that name the version of the data they saw: the consumer's place in every partition and which tables they are,
/// so it changes with each commit of ingest, each erasure and each rebuild, and costs a few rows. The catalogue's version is a part of it.
/// </summary>
internal sealed class ActivityDatabase(NpgsqlDataSource database)
{
    /// <summary>The header of answers that have figures: whether all are from what ingest keeps, or some from rows.</summary>
    public const string SourceHeader = "Answered-From";

    private const string VersionSql = """
        select md5(concat('events'::regclass::oid, ',', string_agg(concat_ws(' ', topic, topic_id, partition, next_offset, messages, dead_letters), ','
          order by topic, topic_id, partition), ',', (select version from catalogue_version)))
        from ingest_partitions
        """;

    // An answer's shape may change with the program, so its tag names the build too, and the shape.
    private static readonly string Build = typeof(ActivityDatabase).Module.ModuleVersionId.ToString("N")[..8];

    /// <summary>
    /// Runs queries that all take the same parameters, in one round trip and over one snapshot of the data, and sets <c>ETag</c> to its version.
    /// </summary>
    /// <returns>The reader, before the first query's first row; disposing it gives the connection back.</returns>
    public Task<NpgsqlDataReader> QueryAsync(
        HttpContext context, string[] queries, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        QueryAsync(context, [new Query(queries, parameters)], cancellationToken);

    /// <summary>Runs queries in one round trip and over one snapshot of the data, and sets <c>ETag</c> to its version.</summary>
    /// <returns>The reader, before the first query's first row; disposing it gives the connection back.</returns>
    public async Task<NpgsqlDataReader> QueryAsync(HttpContext context, IReadOnlyCollection<Query> queries, CancellationToken cancellationToken)
    {
        if (queries.Max(query => query.Source) is { } source)
        {
            context.Response.Headers[SourceHeader] = NameOf(source);
        }

        var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("begin isolation level repeatable read read only"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(VersionSql));
        foreach (var (statement, parameters) in queries.SelectMany(query => query.Statements.Select(statement => (statement, query.Parameters))))
        {
            var command = new NpgsqlBatchCommand(statement);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(parameter.Clone());
            }

            batch.BatchCommands.Add(command);
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        SetTag(context, Tag(context, reader.GetString(0)));
        await reader.NextResultAsync(cancellationToken);
        return reader;
    }

    /// <summary>The value of <see cref="SourceHeader"/>.</summary>
    public static string NameOf(Source source) => source == Source.Rows ? "rows" : "rollups";

    /// <summary>Answers one query.</summary>
    public async Task<T> AnswerAsync<T>(HttpContext context, Query<T> query, CancellationToken cancellationToken)
    {
        await using var reader = await QueryAsync(context, [query], cancellationToken);
        return await query.ReadAsync(reader, cancellationToken);
    }

    /// <summary>The tag that an answer made now would have.</summary>
    public async Task<EntityTagHeaderValue> ReadTagAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(VersionSql);
        return Tag(context, (string)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>Marks the answer with the version it was made of; the reader may keep it, and asks each time whether it still holds.</summary>
    public static void SetTag(HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.GetTypedHeaders().ETag = tag;
        context.Response.Headers.CacheControl = "no-cache";
    }

    private static EntityTagHeaderValue Tag(HttpContext context, string version) =>
        new($"\"{version}{context.GetEndpoint()?.Metadata.GetMetadata<FurtherVersion>()?.Read(context)}-{Build}-{Shape.Of(context.Request)?.Format}{Shape.Of(context.Request)?.For}\"", isWeak: true);
}
