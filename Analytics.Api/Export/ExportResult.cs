using System.Globalization;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Analytics.Api.Sql;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api.Export;

/// <summary>
/// Streams a table, of which a few parts are in memory at a time. What fails on the way breaks the connection, so that nobody takes a part for the whole.
/// </summary>
internal sealed partial class ExportResult(ExportTable table, Filter filter, long? since, Shape shape) : IResult
{
    /// <summary>The header that tells from where the next export goes on.</summary>
    public const string NextSinceHeader = "Next-Since";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (services, cancellationToken) = (httpContext.RequestServices, httpContext.RequestAborted);
        try
        {
            using var turn = await services.GetRequiredService<StatementQueue>().StreamAsync(cancellationToken);
            await using var snapshot = await ExportSnapshot.OpenAsync(services.GetRequiredService<NpgsqlDataSource>(), cancellationToken);
            if (await snapshot.CheckAsync(filter, since, cancellationToken) is var (status, detail))
            {
                await Problem.WriteAsync(httpContext, status, detail);
                return;
            }

            var headers = httpContext.Response.Headers;
            headers.CacheControl = "no-store";
            headers[NextSinceHeader] = snapshot.NextSince.ToString(CultureInfo.InvariantCulture);
            headers[ActivityDatabase.SourceHeader] = ActivityDatabase.NameOf(Source.Rows);
            headers.ContentDisposition = $"attachment; filename={table.Name}.{shape.Format}";
            if (httpContext.IsHead())
            {
                httpContext.Response.ContentType = shape.MediaType;
                return;
            }

            await using var output = new PacedStream(httpContext.Response.Body, services.GetRequiredService<IOptions<SqlOptions>>().Value.MinBytesPerSecond);
            await TableResult.WriteAsync(httpContext, snapshot.ReadAsync(table, filter, since, month: null, cancellationToken), shape, output);
            await output.FlushAsync(cancellationToken);
        }
        catch (Exception late) when (httpContext.Response.HasStarted)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                LogBroken(services.GetRequiredService<ILogger<ExportResult>>(), table.Name, late.Message);
            }

            httpContext.Abort();
        }
        catch (SqlUnavailableException unavailable)
        {
            await Problem.WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, unavailable.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "An export of {Table} was broken off: {Reason}")]
    private static partial void LogBroken(ILogger logger, string table, string reason);
}
