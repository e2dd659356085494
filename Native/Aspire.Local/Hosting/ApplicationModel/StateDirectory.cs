namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where state that outlives a run is kept: the nearest <c>.aspire</c> folder above the AppHost, else one of its own.</summary>
internal static class StateDirectory
{
    private const string Name = ".aspire";

    public static string Of(string appHostDirectory)
    {
        for (var folder = new DirectoryInfo(appHostDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, Name);
            if (Directory.Exists(candidate) && !IsHome(folder.FullName))
            {
                return candidate;
            }
        }

        return Path.Combine(appHostDirectory, Name);
    }

    // Aspire's own tools keep a .aspire folder in the user's home.
    private static bool IsHome(string folder) => folder == Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
