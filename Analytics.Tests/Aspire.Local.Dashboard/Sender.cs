using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Analytics.Tests.Dashboard;

/// <summary>A service with the real OpenTelemetry SDK and its OTLP exporter. <see cref="Flush"/> returns when the dashboard has answered.</summary>
internal sealed class Sender : IDisposable
{
    private readonly TracerProvider _tracing;
    private readonly MeterProvider _metering;
    private readonly ServiceProvider _logging;

    public Sender(DashboardProcess dashboard, string name, string instance = "one", OtlpExportProtocol protocol = OtlpExportProtocol.Grpc, string key = DashboardProcess.OtlpKey)
    {
        // A name of its own: listeners hear the sources of all tests in this process.
        var source = $"{name}.{Guid.NewGuid():n}";
        Source = new ActivitySource(source);
        Meter = new Meter(source);
        var resource = ResourceBuilder.CreateEmpty().AddService(name, serviceInstanceId: instance);
        _tracing = Sdk.CreateTracerProviderBuilder().SetSampler(new AlwaysOnSampler()).AddSource(source).SetResourceBuilder(resource).AddOtlpExporter(o => Configure(o, "v1/traces")).Build();
        _metering = Sdk.CreateMeterProviderBuilder().AddMeter(source).SetResourceBuilder(resource).AddOtlpExporter((o, reader) =>
        {
            Configure(o, "v1/metrics");
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = int.MaxValue;
        }).Build();
        _logging = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(resource).AddOtlpExporter(o => Configure(o, "v1/logs"));
        })).BuildServiceProvider();
        Log = _logging.GetRequiredService<ILoggerFactory>().CreateLogger(source);

        void Configure(OtlpExporterOptions options, string path)
        {
            options.Protocol = protocol;
            options.Endpoint = protocol == OtlpExportProtocol.Grpc ? dashboard.Otlp : new Uri(dashboard.OtlpHttp, path);
            options.Headers = $"x-otlp-api-key={key}";
        }
    }

    public ActivitySource Source { get; }

    public Meter Meter { get; }

    public ILogger Log { get; }

    public bool Flush() => _tracing.ForceFlush() & _metering.ForceFlush() & _logging.GetRequiredService<LoggerProvider>().ForceFlush();

    public void Dispose()
    {
        _tracing.Dispose();
        _metering.Dispose();
        _logging.Dispose();
        Source.Dispose();
        Meter.Dispose();
    }
}
