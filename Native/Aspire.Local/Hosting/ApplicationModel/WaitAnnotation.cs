namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a resource waits for.</summary>
public enum WaitType
{
    /// <summary>The other runs, is healthy, and its ready handlers are through.</summary>
    WaitUntilHealthy,

    /// <summary>The other has come to its end with the expected exit code.</summary>
    WaitForCompletion,

    /// <summary>The other runs.</summary>
    WaitUntilStarted,
}

/// <summary>What waiting does when the other can't start.</summary>
public enum WaitBehavior
{
    /// <summary>It goes on: somebody may start it again.</summary>
    WaitOnResourceUnavailable,

    /// <summary>It fails, and so does the one that waits.</summary>
    StopOnResourceUnavailable,
}

/// <summary>A resource that must come first.</summary>
/// <param name="resource">The one that must come first.</param>
/// <param name="waitType">How far it must be.</param>
/// <param name="exitCode">The exit code that counts as success when waiting for completion.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The one that must come first.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>How far it must be.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>The exit code that counts as success when waiting for completion.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What waiting does when the other can't start; the application's default if none.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}
