namespace Aspire.Npgsql;

/// <summary>What <c>AddNpgsqlDataSource</c> reads from configuration and hands to its delegate.</summary>
public sealed class NpgsqlSettings
{
    /// <summary>The connection string of the database.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether no health check is registered.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether no spans are made.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether no metrics are recorded.</summary>
    public bool DisableMetrics { get; set; }
}
