using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Where telemetry goes, as the children are told.</summary>
/// <param name="Endpoint">The OTLP endpoint over gRPC.</param>
/// <param name="ApiKey">What they show it.</param>
internal sealed record OtlpTarget(string Endpoint, string ApiKey);

/// <summary>What one start of one replica gets.</summary>
internal sealed record ProcessInput(IReadOnlyDictionary<string, string> Environment, ImmutableArray<EnvironmentVariableSnapshot> Shown, IReadOnlyList<string> Arguments);

/// <summary>Gathers the environment and the arguments of processes.</summary>
internal sealed class ProcessEnvironment(DistributedApplicationExecutionContext executionContext, IHostEnvironment surroundings, OtlpTarget? otlp)
{
    // What the AppHost was told about itself is not for its children.
    private static readonly string[] NotInherited = ["ASPNETCORE_", "DOTNET_LAUNCH_PROFILE", "DOTNET_ENVIRONMENT", "DOTNET_DASHBOARD_", "DOTNET_RESOURCE_SERVICE_", "ASPIRE_", "OTEL_", "MSBUILD", "MSBuild", "DOTNET_CLI_"];

    public async Task<ProcessInput> GatherAsync(IResource resource, string instanceId, IReadOnlyDictionary<string, int> targetPorts, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new ValueProviderContext { ExecutionContext = executionContext, Caller = resource, TargetPorts = targetPorts };
        var gathered = Defaults(resource, instanceId, targetPorts);
        var callback = new EnvironmentCallbackContext(executionContext, resource, gathered, cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(callback).ConfigureAwait(false);
        }

        var args = new List<object>();
        var argsCallback = new CommandLineArgsCallbackContext(args, resource, cancellationToken) { Logger = logger, ExecutionContext = executionContext };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(argsCallback).ConfigureAwait(false);
        }

        var environment = Inherited();
        var shown = ImmutableArray.CreateBuilder<EnvironmentVariableSnapshot>();
        foreach (var (name, value) in gathered.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            // A variable without a value (an optional connection string) is not set at all.
            if (await ValueOfAsync(value, context, cancellationToken).ConfigureAwait(false) is { } text)
            {
                environment[name] = text;
                shown.Add(new EnvironmentVariableSnapshot(name, text, IsFromSpec: true));
            }
        }

        var arguments = new List<string>();
        foreach (var arg in args)
        {
            if (await ValueOfAsync(arg, context, cancellationToken).ConfigureAwait(false) is { } text)
            {
                arguments.Add(text);
            }
        }

        return new ProcessInput(environment, shown.ToImmutable(), arguments);
    }

    private static Dictionary<string, string> Inherited()
    {
        var inherited = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!NotInherited.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                inherited[name] = (string?)variable.Value ?? "";
            }
        }

        return inherited;
    }

    private static async ValueTask<string?> ValueOfAsync(object? value, ValueProviderContext context, CancellationToken cancellationToken) => value switch
    {
        null => null,
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private Dictionary<string, object> Defaults(IResource resource, string instanceId, IReadOnlyDictionary<string, int> targetPorts)
    {
        var variables = new Dictionary<string, object>(StringComparer.Ordinal);
        if (resource is ProjectResource)
        {
            variables["DOTNET_ENVIRONMENT"] = surroundings.EnvironmentName;
            variables["ASPNETCORE_ENVIRONMENT"] = surroundings.EnvironmentName;
            variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EXCEPTION_LOG_ATTRIBUTES"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EVENT_LOG_ATTRIBUTES"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
            var urls = resource.Annotations.OfType<EndpointAnnotation>()
                .Where(endpoint => endpoint.UriScheme is "http" or "https" && endpoint.TargetPortEnvironmentVariable is null)
                .Select(endpoint => string.Create(CultureInfo.InvariantCulture, $"{endpoint.UriScheme}://{endpoint.TargetHost}:{targetPorts[endpoint.Name]}"))
                .ToList();
            if (urls.Count > 0)
            {
                variables["ASPNETCORE_URLS"] = string.Join(';', urls);
                variables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            }
        }

        if (otlp is not null && resource.TryGetLastAnnotation<OtlpExporterAnnotation>(out _))
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlp.Endpoint;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={otlp.ApiKey}";
            variables["OTEL_SERVICE_NAME"] = resource.Name;
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instanceId[(resource.Name.Length + 1)..]}";
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }

        return variables;
    }
}
