using System.Reflection;

namespace Aspire.Hosting.Orchestration;

/// <summary>What the build noted in the AppHost's assembly (build/Aspire.Local.targets): where the AppHost is, and where the projects it runs were built to.</summary>
internal sealed class BuiltProjects(Assembly? appHost)
{
    private const string AppHostKey = "apphostprojectpath";
    private const string ProjectKey = "aspirelocalproject:";
    private const string DashboardKey = "aspirelocaldashboard";

    /// <summary>The AppHost's folder.</summary>
    public string? AppHostDirectory => Find(AppHostKey);

    /// <summary>The built assembly of the dashboard.</summary>
    public string? Dashboard => Find(DashboardKey);

    /// <summary>The AppHost's name.</summary>
    public string? Name => appHost?.GetName().Name;

    /// <summary>The built assembly of a project, if the AppHost refers to it.</summary>
    public string? AssemblyOf(FileInfo project) => Find(ProjectKey + project.FullName);

    private string? Find(string key) =>
        appHost?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(metadata => string.Equals(metadata.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
