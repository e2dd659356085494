using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>What is executed for a resource.</summary>
internal sealed class ProjectCommands(BuiltProjects projects)
{
    /// <summary>The dotnet host that this program itself runs on.</summary>
    public static string DotNet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    public (string Command, IReadOnlyList<string> Arguments, string WorkingDirectory) Of(IResource resource, IReadOnlyList<string> arguments)
    {
        if (resource is not ProjectResource project)
        {
            var executable = (ExecutableResource)resource;
            return (executable.Command, arguments, executable.WorkingDirectory);
        }

        var file = new FileInfo(project.GetProjectMetadata().ProjectPath);
        var folder = file.DirectoryName!;
        if (projects.AssemblyOf(file) is not { } built)
        {
            // A project that the AppHost does not refer to was not built with it.
            return (DotNet, ["run", "--project", file.FullName, "--no-launch-profile", "--", .. arguments], folder);
        }

        return File.Exists(built)
            ? (DotNet, [built, .. arguments], folder)
            : throw new DistributedApplicationException($"{built} is missing: build the AppHost again.");
    }
}
