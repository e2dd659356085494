namespace Analytics.Tests.Analytics.Api;

/// <summary>Where the sources are.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Aspire.sln")) ? folder : Find(Path.GetDirectoryName(folder.TrimEnd('/'))!);
}
