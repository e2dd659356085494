using System.Text.Json;
using Analytics.Api.Access;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Data.Analysis;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>Runs a statement and writes its answer. The whole of it counts as one of the statements at once, for the answer is in memory until it is sent.</summary>
internal sealed class SqlResult(string sql) : IResult
{
    // A reader who takes nothing would keep others from asking.
    private static readonly MinDataRate SlowestReader = new(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.NoteForAudit(StatementText.WithoutConstants(sql));
        var services = httpContext.RequestServices;
        var places = services.GetRequiredService<SqlPlaces>();
        httpContext.Response.Headers.CacheControl = "no-store";
        if (!places.TryTake())
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, "As many statements as may run at once are running; try again.");
            return;
        }

        try
        {
            SqlRules.Check(sql);
            var (table, columns) = await services.GetRequiredService<SqlStatement>().RunAsync(sql, httpContext.RequestAborted);
            await WriteAsync(httpContext, table, columns);
        }
        catch (SqlRefusedException refused)
        {
            await RefuseAsync(httpContext, refused.Message, SqlPlace.Of(sql, refused.Position), sqlState: null, hint: null);
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
            var seconds = services.GetRequiredService<IOptions<SqlOptions>>().Value.TimeoutSeconds;
            await Problem.WriteAsync(httpContext, StatusCodes.Status422UnprocessableEntity, $"The statement took longer than {seconds} seconds and was cancelled; ask for less.");
        }
        catch (PostgresException tooMuch) when (tooMuch.SqlState is PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.ProgramLimitExceeded or PostgresErrorCodes.StatementTooComplex)
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status422UnprocessableEntity, $"The statement needs more than it may have: {tooMuch.MessageText}.");
        }
        catch (PostgresException refused) when (!ErrorResponses.IsAway(refused.SqlState))
        {
            var place = refused.Position > 0 ? SqlPlace.OfCharacter(sql, refused.Position) : null;
            await RefuseAsync(httpContext, $"{refused.MessageText}.", place, refused.SqlState, refused.Hint);
        }
        finally
        {
            places.GiveBack();
        }
    }

    private static async Task WriteAsync(HttpContext context, DataFrame table, IReadOnlyList<SqlColumn> columns)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = SlowestReader;
        }

        var shape = Shape.Of(context.Request)!;
        if (shape != Shape.Json)
        {
            await new TableResult(table, shape).ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, new JsonWriterOptions { Encoder = AnalyticsJson.Readable.Options.Encoder });
        json.WriteStartObject();
        json.WritePropertyName("columns");
        JsonSerializer.Serialize(json, columns, AnalyticsJson.Readable.IReadOnlyListSqlColumn);
        json.WritePropertyName("rows");
        await JsonTable.WriteAsync(json, table, context.RequestAborted);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, string detail, SqlPlace? place, string? sqlState, string? hint)
    {
        var extensions = new Dictionary<string, object?>();
        if (place is not null)
        {
            (extensions["position"], extensions["line"], extensions["column"]) = (place.Position, place.Line, place.Column);
        }

        if (sqlState is not null)
        {
            extensions["sqlState"] = sqlState;
        }

        if (hint is { Length: > 0 })
        {
            extensions["hint"] = hint;
        }

        return Problem.WriteAsync(context, StatusCodes.Status400BadRequest, detail, extensions);
    }

    private static bool IsTimeout(Exception exception) => exception
        is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled }
        or NpgsqlException { InnerException: TimeoutException };
}
