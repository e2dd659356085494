using Analytics.Api.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Analytics.Api.Database;

/// <summary>Unhealthy until the ingest worker has made the tables.</summary>
internal sealed class SchemaHealth(NpgsqlDataSource database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = database.CreateCommand("select exists (select from ingest_partitions)");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, ErrorResponses.Explain(exception).Detail, exception);
        }
    }
}
