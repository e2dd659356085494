namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of a resource.</summary>
public static class KnownResourceStates
{
    /// <summary>Its process is being started.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>It runs.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>It could not be started.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>What runs it (a container runtime) does not work.</summary>
    public static readonly string RuntimeUnhealthy = nameof(RuntimeUnhealthy);

    /// <summary>Its process is being stopped.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>Its container was stopped.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>Its process came to its end, by itself or by command.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>It waits for others.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>It was not started yet.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>It is there to be used and has no process.</summary>
    public static readonly string Active = nameof(Active);

    /// <summary>The states in which nothing happens any more by itself.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>How a state is shown.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>As a success.</summary>
    public static readonly string Success = "success";

    /// <summary>As an error.</summary>
    public static readonly string Error = "error";

    /// <summary>As an information.</summary>
    public static readonly string Info = "info";

    /// <summary>As a warning.</summary>
    public static readonly string Warn = "warning";
}
