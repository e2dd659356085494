using System.Reflection;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Native.Hosting;

/// <summary>Starts projects as the programs that were built of them.</summary>
public static class BuiltProgramExtensions
{
    /// <summary>
    /// Starts the program that was built of a project rather than <c>dotnet run --no-build</c>, which costs seconds at the start and stays beside
    /// the program with some 130 MB. Where there is no such program, under <c>dotnet watch</c>, and in publish mode all is as Aspire does it.
    /// </summary>
    /// <param name="builder">The project, built with the AppHost, in its configuration and for its framework.</param>
    public static IResourceBuilder<ProjectResource> StartAsBuilt(this IResourceBuilder<ProjectResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.ApplicationBuilder.ExecutionContext.IsRunMode || Environment.GetEnvironmentVariable("DOTNET_WATCH") is not null)
        {
            return builder;
        }

        var project = builder.Resource.GetProjectMetadata().ProjectPath;
        var program = ProgramOf(project, builder.ApplicationBuilder.AppHostAssembly ?? Assembly.GetEntryAssembly()!);
        return File.Exists(program)
            ? builder.WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = Path.GetDirectoryName(project)! })
            : builder;
    }

    /// <summary>The program that is built of a project in the configuration and for the framework of another.</summary>
    /// <param name="project">The project's file.</param>
    /// <param name="builtWith">What was built with it.</param>
    public static string ProgramOf(string project, Assembly builtWith)
    {
        ArgumentNullException.ThrowIfNull(builtWith);
        var configuration = builtWith.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var framework = new FrameworkName(builtWith.GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName).Version;
        var name = Path.GetFileNameWithoutExtension(project) + (OperatingSystem.IsWindows() ? ".exe" : "");
        return Path.Combine(Path.GetDirectoryName(project)!, "bin", configuration, $"net{framework.ToString(2)}", name);
    }
}
