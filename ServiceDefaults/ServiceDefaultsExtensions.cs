using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the application has: telemetry, health, service discovery, resilience.</summary>
public static class ServiceDefaultsExtensions
{
    private const string HealthPath = "/health";
    private const string AlivePath = "/alive";
    /// <summary>The header, of any value, that marks a request as a probe, of which no trace is kept.</summary>
    public const string ProbeHeader = "X-Probe";

    private const string LiveTag = "live";

    /// <summary>Adds OpenTelemetry, a liveness check, and HTTP clients that find services by name and retry.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        AddTelemetry(builder);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// <c>/health</c> answers 200 while every check passes (ready for work), <c>/alive</c> while those tagged <c>live</c> pass
    /// (needs no restart); 503 otherwise. Neither appears in the OpenAPI document.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        // A probe every few seconds would bury the traces of real work under the checks' own queries.
        app.Use(async (context, next) =>
        {
            using (IsProbe(context.Request) ? SuppressInstrumentationScope.Begin() : null)
            {
                await next(context);
            }
        });
        app.MapHealthChecks(HealthPath).AllowAnonymous(); // Who probes has no key.
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).AllowAnonymous();
        return app;
    }

    private static bool IsProbe(HttpRequest request) =>
        request.Path.StartsWithSegments(HealthPath, StringComparison.Ordinal) || request.Path.StartsWithSegments(AlivePath, StringComparison.Ordinal)
        || request.Headers.ContainsKey(ProbeHeader);

    private static void AddTelemetry(IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        // A service's own spans and figures carry its application name.
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(builder.Environment.ApplicationName))
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !IsProbe(context.Request))
                .AddHttpClientInstrumentation());

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }
}
