using System.Text.Json;
using Analytics.Api.Access;
using Analytics.Api.Shapes;
using Microsoft.Data.Analysis;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Sql;

/// <summary>Runs a statement and writes its answer.</summary>
internal sealed partial class SqlResult(Statement statement) : IResult
{
    // An answer of so many bytes is Kestrel's to send as soon as it is written.
    private const long ShortAnswer = 64 << 10;

    private bool _hasBegun;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.NoteForAudit(StatementText.WithoutConstants(statement.Text));
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
        catch (Exception thrown) when (!httpContext.RequestAborted.IsCancellationRequested
            && StatementFailure.Of(thrown, statement, httpContext.RequestServices.GetRequiredService<IOptions<SqlOptions>>().Value) is { } failure)
        {
            await failure.WriteAsync(httpContext);
        }
    }

    private async Task AnswerAsync(HttpContext context, Shape shape)
    {
        var services = context.RequestServices;
        var queue = services.GetRequiredService<StatementQueue>();
        var form = statement.Form;
        RunningStatement? running = null;
        try
        {
            DataFrame first;
            using (await queue.RunAsync(context.RequestAborted))
            {
                await services.GetRequiredService<StatementGate>().CheckAsync(form, context.RequestAborted);
                running = await services.GetRequiredService<StatementRunner>().StartAsync(form, statement.Values, shape.IsStreamed, context.RequestAborted);
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

    [LoggerMessage(1, LogLevel.Warning, "An answer by SQL was broken off: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}
