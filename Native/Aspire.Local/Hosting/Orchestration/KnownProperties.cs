namespace Aspire.Hosting.Orchestration;

/// <summary>Names of properties that tell about a process.</summary>
internal static class KnownProperties
{
    public const string ProcessId = "executable.pid";
    public const string Path = "executable.path";
    public const string WorkingDirectory = "executable.workDir";
    public const string Arguments = "executable.args";
}
