using System.Text.Json;
using Analytics.Api.Access;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.Data.Analysis;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>Runs a statement and writes its answer.</summary>
internal sealed partial class SqlResult(string sql) : IResult
{
    // An answer of so many bytes is Kestrel's to send as soon as it is written.
    private const long ShortAnswer = 64 << 10;

    private bool _hasBegun;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.NoteForAudit(StatementText.WithoutConstants(sql));
        httpContext.Response.Headers.CacheControl = "no-store";
        try
        {
            await AnswerAsync(httpContext, Shape.Of(httpContext.Request)!);
        }
        catch (Exception late) when (_hasBegun)
        {
            // What was sent can't be taken back: the connection breaks, so that nobody takes a part for the whole.
            if (!httpContext.RequestAborted.IsCancellationRequested)
            {
                LogBroken(httpContext.RequestServices.GetRequiredService<ILogger<SqlResult>>(), late.Message);
            }

            httpContext.Abort();
        }
        catch (SqlRefusedException refused)
        {
            await RefuseAsync(httpContext, refused);
        }
        catch (StatementErrorException error)
        {
            var form = StatementForm.Read(sql);
            var before = StatementPosition.Characters(sql.AsSpan(0, form.Start));
            var within = Math.Min(error.Character, StatementPosition.Characters(form.Query) + 1);
            await RefuseAsync(httpContext, error.Message, StatementPosition.OfCharacter(sql, before + within), error.Refused);
        }
        catch (SqlLimitException limit)
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status422UnprocessableEntity, limit.Message);
        }
        catch (SqlUnavailableException unavailable)
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, unavailable.Message);
        }
        catch (Exception slow) when (IsTimeout(slow) && !httpContext.RequestAborted.IsCancellationRequested)
        {
            var seconds = httpContext.RequestServices.GetRequiredService<IOptions<SqlOptions>>().Value.TimeoutSeconds;
            await Problem.WriteAsync(httpContext, StatusCodes.Status422UnprocessableEntity, $"The statement took longer than {seconds} seconds and was cancelled; ask for less.");
        }
        catch (PostgresException changing) when (changing.SqlState is PostgresErrorCodes.LockNotAvailable)
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, "The views are being changed at the moment; try again.");
        }
        catch (PostgresException tooMuch) when (tooMuch.SqlState is PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.ProgramLimitExceeded or PostgresErrorCodes.StatementTooComplex)
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status422UnprocessableEntity, $"The statement needs more than it may have: {tooMuch.MessageText}.");
        }
        catch (PostgresException refused) when (!ErrorResponses.IsAway(refused.SqlState))
        {
            await RefuseAsync(httpContext, refused.MessageText, place: null, refused);
        }
    }

    private async Task AnswerAsync(HttpContext context, Shape shape)
    {
        var services = context.RequestServices;
        var queue = services.GetRequiredService<StatementQueue>();
        var form = StatementForm.Read(sql);
        RunningStatement? running = null;
        try
        {
            DataFrame first;
            using (await queue.RunAsync(context.RequestAborted))
            {
                await services.GetRequiredService<StatementGate>().CheckAsync(form, context.RequestAborted);
                running = await services.GetRequiredService<StatementRunner>().StartAsync(form, shape.IsStreamed, context.RequestAborted);
                first = await FirstPartAsync(running);
            }

            using var turn = running switch
            {
                { IsComplete: false } => await queue.StreamAsync(context.RequestAborted),
                { Bytes: > ShortAnswer } => await queue.SendAsync(running.Bytes, context.RequestAborted),
                _ => null,
            };
            _hasBegun = true;
            await using var output = new PacedStream(context.Response.Body, services.GetRequiredService<IOptions<SqlOptions>>().Value.MinBytesPerSecond);
            await WriteAsync(context, shape, first, running, output);
            await output.FlushAsync(context.RequestAborted);
        }
        finally
        {
            if (running is not null)
            {
                await running.DisposeAsync();
            }
        }
    }

    // What is at its end, in one way or another, leaves PostgreSQL before its turn does.
    private static async Task<DataFrame> FirstPartAsync(RunningStatement running)
    {
        DataFrame? first = null;
        try
        {
            return first = await running.ReadPartAsync();
        }
        finally
        {
            if (first is null || running.IsComplete)
            {
                await running.DisposeAsync();
            }
        }
    }

    private static async Task WriteAsync(HttpContext context, Shape shape, DataFrame first, RunningStatement running, Stream output)
    {
        if (shape != Shape.Json)
        {
            await TableResult.WriteAsync(context, PartsAsync(first, running), shape, output);
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = AnalyticsJson.Readable.Options.Encoder });
        json.WriteStartObject();
        json.WritePropertyName("columns");
        JsonSerializer.Serialize(json, running.Columns, AnalyticsJson.Readable.IReadOnlyListSqlColumn);
        json.WritePropertyName("rows");
        await JsonTable.WriteAsync(json, first, context.RequestAborted);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static async IAsyncEnumerable<DataFrame> PartsAsync(DataFrame first, RunningStatement running)
    {
        yield return first;
        while (!running.IsComplete)
        {
            yield return await running.ReadPartAsync();
        }
    }

    private Task RefuseAsync(HttpContext context, SqlRefusedException refused)
    {
        var extensions = refused.Position is { } position ? Place(StatementPosition.Of(sql, position)) : [];
        if (refused.Refused.Count > 0)
        {
            extensions["refused"] = refused.Refused.Select(use => use.Name).ToArray();
        }

        return Problem.WriteAsync(context, StatusCodes.Status400BadRequest, refused.Message, extensions);
    }

    private static Task RefuseAsync(HttpContext context, string sentence, StatementPosition? place, PostgresException refused)
    {
        var extensions = place is null ? [] : Place(place);
        extensions["sqlState"] = refused.SqlState;
        if (refused.Hint is { Length: > 0 } hint)
        {
            extensions["hint"] = hint;
        }

        return Problem.WriteAsync(context, StatusCodes.Status400BadRequest, $"{sentence}.", extensions);
    }

    private static Dictionary<string, object?> Place(StatementPosition place) =>
        new() { ["position"] = place.Position, ["line"] = place.Line, ["column"] = place.Column };

    private static bool IsTimeout(Exception exception) => exception
        is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled }
        or NpgsqlException { InnerException: TimeoutException };

    [LoggerMessage(1, LogLevel.Warning, "An answer by SQL was broken off: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}
