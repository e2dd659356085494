using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Aspire.Local.Dashboard.Otlp.Protocol;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Aspire.Local.Dashboard.Otlp;

/// <summary>OTLP over gRPC and over HTTP with protobuf bodies, behind one API key.</summary>
internal static class OtlpEndpoints
{
    private const int MaxMessageBytes = 16 * 1024 * 1024;
    private const string Protobuf = "application/x-protobuf";

    public static void AddOtlp(this IServiceCollection services)
    {
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxMessageBytes);
        services.AddSingleton<OtlpReader>();
        services.AddSingleton<OtlpTraceService>();
        services.AddSingleton<OtlpLogsService>();
        services.AddSingleton<OtlpMetricsService>();
    }

    public static void MapOtlp(this WebApplication app)
    {
        var key = app.Services.GetRequiredService<DashboardOptions>().OtlpApiKey is { } text ? Encoding.UTF8.GetBytes(text) : null;
        app.Use((context, next) => Authenticate(context, next, key));

        var marker = new OtlpEndpoint();
        app.MapGrpcService<OtlpTraceService>().WithMetadata(marker);
        app.MapGrpcService<OtlpLogsService>().WithMetadata(marker);
        app.MapGrpcService<OtlpMetricsService>().WithMetadata(marker);

        app.MapPost("/v1/traces", (HttpContext context, OtlpTraceService service) => Serve(context, ExportTraceServiceRequest.Parser, service.Export)).WithMetadata(marker);
        app.MapPost("/v1/logs", (HttpContext context, OtlpLogsService service) => Serve(context, ExportLogsServiceRequest.Parser, service.Export)).WithMetadata(marker);
        app.MapPost("/v1/metrics", (HttpContext context, OtlpMetricsService service) => Serve(context, ExportMetricsServiceRequest.Parser, service.Export)).WithMetadata(marker);
    }

    private static Task Authenticate(HttpContext context, RequestDelegate next, byte[]? key)
    {
        if (key is null || Doors.Of(context) != Door.Otlp
            || CryptographicOperations.FixedTimeEquals(key, Encoding.UTF8.GetBytes(context.Request.Headers["x-otlp-api-key"].ToString())))
        {
            return next(context);
        }

        const string message = "The header x-otlp-api-key is missing or wrong.";
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            return TypedResults.Problem(message, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
        }

        // gRPC's errors are headers of an answer that is otherwise well.
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)StatusCode.Unauthenticated).ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = message;
        return Task.CompletedTask;
    }

    private static async Task<IResult> Serve<TRequest, TResponse>(HttpContext context, MessageParser<TRequest> parser, Func<TRequest, TResponse> export)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage
    {
        if (context.Request.ContentType?.StartsWith(Protobuf, StringComparison.OrdinalIgnoreCase) != true)
        {
            return TypedResults.Problem($"OTLP/HTTP is taken as {Protobuf}.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxMessageBytes;
            await using var body = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
            var bytes = await ReadAsync(body, context.RequestAborted);
            return bytes is null
                ? TypedResults.Problem($"A request holds at most {MaxMessageBytes} bytes.", statusCode: StatusCodes.Status413PayloadTooLarge)
                : TypedResults.Bytes(export(parser.ParseFrom(bytes.GetBuffer(), 0, (int)bytes.Length)).ToByteArray(), Protobuf);
        }
        catch (Exception wrong) when (wrong is InvalidProtocolBufferException or InvalidDataException)
        {
            return TypedResults.Problem($"The body is no OTLP message: {wrong.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
    }

    /// <summary>The whole body, or null if it is larger, unpacked, than a message may be.</summary>
    private static async Task<MemoryStream?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var whole = new MemoryStream();
        var chunk = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (whole.Length + read > MaxMessageBytes)
            {
                return null;
            }

            whole.Write(chunk, 0, read);
        }

        return whole;
    }
}
