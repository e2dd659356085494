using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a PostgreSQL data source under a connection name.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string SectionName = "Aspire:Npgsql";

    /// <summary>Registers a singleton <see cref="NpgsqlDataSource"/> with the health check <c>PostgreSql</c>, spans, and metrics.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c> and <c>Aspire:Npgsql</c>.</param>
    /// <param name="configureSettings">Changes the settings after configuration has been read.</param>
    /// <param name="configureDataSourceBuilder">Changes the data source's builder.</param>
    /// <exception cref="InvalidOperationException">When the data source is first asked for and no connection string is configured.</exception>
    public static void AddNpgsqlDataSource(this IHostApplicationBuilder builder, string connectionName, Action<NpgsqlSettings>? configureSettings = null, Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        // Later wins: the section, the section of the name, the connection string, the delegate.
        var settings = new NpgsqlSettings();
        var section = builder.Configuration.GetSection(SectionName);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddNpgsqlDataSource(settings.ConnectionString ?? "", dataSourceBuilder =>
        {
            if (string.IsNullOrEmpty(settings.ConnectionString))
            {
                throw new InvalidOperationException($"No PostgreSQL database is configured: set ConnectionStrings:{connectionName}.");
            }

            configureDataSourceBuilder?.Invoke(dataSourceBuilder);
        });

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                "PostgreSql", services => new NpgsqlHealthCheck(services.GetRequiredService<NpgsqlDataSource>()), failureStatus: null, tags: null));
        }

        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(provider => provider.AddNpgsql());
        }

        if (!settings.DisableMetrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(provider => provider.AddMeter("Npgsql"));
        }
    }
}
