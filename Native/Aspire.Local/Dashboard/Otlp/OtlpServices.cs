using Aspire.Local.Dashboard.Otlp.Protocol;
using Grpc.Core;

namespace Aspire.Local.Dashboard.Otlp;

/// <summary>opentelemetry.proto.collector.trace.v1.TraceService.</summary>
internal sealed class OtlpTraceService(OtlpReader reader) : TraceService.TraceServiceBase
{
    public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context) => Task.FromResult(Export(request));

    public ExportTraceServiceResponse Export(ExportTraceServiceRequest request) =>
        reader.Read(request) is > 0 and var rejected
            ? new() { PartialSuccess = new() { RejectedSpans = rejected, ErrorMessage = "A span needs a trace id of 16 bytes and a span id of 8." } }
            : new();
}

/// <summary>opentelemetry.proto.collector.logs.v1.LogsService.</summary>
internal sealed class OtlpLogsService(OtlpReader reader) : LogsService.LogsServiceBase
{
    public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context) => Task.FromResult(Export(request));

    public ExportLogsServiceResponse Export(ExportLogsServiceRequest request)
    {
        reader.Read(request);
        return new();
    }
}

/// <summary>opentelemetry.proto.collector.metrics.v1.MetricsService.</summary>
internal sealed class OtlpMetricsService(OtlpReader reader) : MetricsService.MetricsServiceBase
{
    public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context) => Task.FromResult(Export(request));

    public ExportMetricsServiceResponse Export(ExportMetricsServiceRequest request) =>
        reader.Read(request) is > 0 and var rejected
            ? new() { PartialSuccess = new() { RejectedDataPoints = rejected, ErrorMessage = "The dashboard keeps a bounded number of instruments and attribute sets, and draws no exponential histograms or summaries." } }
            : new();
}
