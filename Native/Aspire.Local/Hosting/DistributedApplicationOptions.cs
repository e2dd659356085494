namespace Aspire.Hosting;

/// <summary>How an application builder starts.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line, which becomes configuration.</summary>
    public string[]? Args { get; set; }

    /// <summary>The AppHost's assembly; the entry assembly if none.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The AppHost's folder; the one that the build noted in the assembly if none.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Whether the application runs without a dashboard.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>What the dashboard calls the application.</summary>
    public string? DashboardApplicationName { get; set; }

    /// <summary>Whether addresses without TLS are allowed; Aspire.Local allows them anyway.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Configuration that all other configuration goes before.</summary>
    internal Dictionary<string, string?> Defaults { get; } = [];
}
