using System.Reflection;

namespace Aspire.Hosting.Orchestration;

/// <summary>What the build noted in the AppHost's assembly (build/Aspire.Local.targets): where the AppHost is, and where the projects it runs were built to.</summary>
internal static class BuiltProjects
{
    private const string AppHostKey = "apphostprojectpath";
    private const string ProjectKey = "aspirelocalproject:";
    private const string DashboardKey = "aspirelocaldashboard";

    public static string? AppHostDirectory(Assembly? appHost) => Find(appHost, AppHostKey);

    /// <summary>The built assembly of a project, if the AppHost refers to it.</summary>
    public static string? Find(Assembly? appHost, FileInfo project) => Find(appHost, ProjectKey + project.FullName);

    /// <summary>The built assembly of the dashboard.</summary>
    public static string? Dashboard(Assembly? appHost) => Find(appHost, DashboardKey);

    private static string? Find(Assembly? assembly, string key) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(metadata => string.Equals(metadata.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
