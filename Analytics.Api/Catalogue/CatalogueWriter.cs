using Analytics.Api.Access;
using Npgsql;
using NpgsqlTypes;

namespace Analytics.Api.Catalogue;

/// <summary>Puts another catalogue in the place of the one there is.</summary>
internal sealed class CatalogueWriter(NpgsqlDataSource database)
{
    // The first statement has writers wait for each other. Truncating would have readers of the moment see an empty catalogue.
    private const string EmptySql =
        "update catalogue_version set version = gen_random_uuid(); delete from catalogue_questions; delete from catalogue_options";

    /// <summary>Replaces the whole catalogue by that of a file in CSV, in one transaction.</summary>
    /// <exception cref="CatalogueException">The file is wrong, and nothing was changed.</exception>
    public async Task ReplaceAsync(HttpContext context, Stream file, CancellationToken cancellationToken)
    {
        var rows = await CatalogueFile.ReadAsync(file, cancellationToken);
        await WriteAsync(rows, cancellationToken);
        context.NoteForAudit($"the catalogue replaced by {rows.Count} rows");
    }

    public async Task EmptyAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await WriteAsync([], cancellationToken);
        context.NoteForAudit("the catalogue emptied");
    }

    private async Task WriteAsync(IReadOnlyCollection<CatalogueRow> rows, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(EmptySql);
        await CopyAsync(
            "copy catalogue_questions (question_id, base_exam_id, text, topic) from stdin (format binary)", rows.Where(row => row.OptionId is null),
            row => [row.QuestionId, row.Exam ?? "", row.Text, row.Topic]);
        await CopyAsync(
            "copy catalogue_options (question_id, base_exam_id, option_id, text, key) from stdin (format binary)", rows.Where(row => row.OptionId is not null),
            row => [row.QuestionId, row.Exam ?? "", row.OptionId, row.Text, row.Key]);
        await ExecuteAsync("analyze catalogue_questions, catalogue_options");
        await transaction.CommitAsync(cancellationToken);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task CopyAsync(string sql, IEnumerable<CatalogueRow> some, Func<CatalogueRow, object?[]> cellsOf)
        {
            await using var copy = await connection.BeginBinaryImportAsync(sql, cancellationToken);
            foreach (var row in some)
            {
                await copy.StartRowAsync(cancellationToken);
                foreach (var cell in cellsOf(row))
                {
                    await (cell switch
                    {
                        null => copy.WriteNullAsync(cancellationToken),
                        bool truth => copy.WriteAsync(truth, NpgsqlDbType.Boolean, cancellationToken),
                        _ => copy.WriteAsync((string)cell, NpgsqlDbType.Text, cancellationToken),
                    });
                }
            }

            await copy.CompleteAsync(cancellationToken);
        }
    }
}
