using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>Healthy when a GET gives the expected status.</summary>
internal sealed class HttpHealthCheck(IHttpClientFactory clients, Func<EndpointReference> endpoint, string path, int expectedStatus) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var target = endpoint();
        if (!target.IsAllocated)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The endpoint has no address yet.");
        }

        var url = new Uri(new Uri(target.Url), path);
        try
        {
            using var client = clients.CreateClient(nameof(HttpHealthCheck));
            client.Timeout = TimeSpan.FromSeconds(5);
            using var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return (int)response.StatusCode == expectedStatus
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"{url} answered {(int)response.StatusCode}, expected was {expectedStatus}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{url} did not answer: {exception.Message}");
        }
    }
}
