namespace Aspire.Hosting.ApplicationModel;

/// <summary>The names of the commands that every resource with a process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts the resource.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops the resource.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops the resource and starts it again.</summary>
    public static readonly string RestartCommand = "restart";
}

/// <summary>Whether a command can be given now.</summary>
public enum ResourceCommandState
{
    /// <summary>It can.</summary>
    Enabled,

    /// <summary>It is shown and can't.</summary>
    Disabled,

    /// <summary>It is not shown.</summary>
    Hidden,
}

/// <summary>Something that a person can do with a resource.</summary>
/// <param name="name">Unique in the resource.</param>
/// <param name="displayName">What the button says.</param>
/// <param name="updateState">Whether the command can be given, asked at each change of the resource.</param>
/// <param name="executeCommand">What it does.</param>
/// <param name="displayDescription">What the button's tip says.</param>
/// <param name="parameter">Passed to the dashboard.</param>
/// <param name="confirmationMessage">Asked before the command is given.</param>
/// <param name="iconName">The button's icon.</param>
/// <param name="iconVariant">What the icon looks like.</param>
/// <param name="isHighlighted">Whether the button stands beside the menu.</param>
public sealed class ResourceCommandAnnotation(
    string name,
    string displayName,
    Func<UpdateCommandStateContext, ResourceCommandState> updateState,
    Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
    string? displayDescription,
    object? parameter,
    string? confirmationMessage,
    string? iconName,
    IconVariant? iconVariant,
    bool isHighlighted) : IResourceAnnotation
{
    /// <summary>Unique in the resource.</summary>
    public string Name { get; } = name;

    /// <summary>What the button says.</summary>
    public string DisplayName { get; } = displayName;

    /// <summary>Whether the command can be given, asked at each change of the resource.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; } = updateState;

    /// <summary>What it does.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; } = executeCommand;

    /// <summary>What the button's tip says.</summary>
    public string? DisplayDescription { get; } = displayDescription;

    /// <summary>Passed to the dashboard.</summary>
    public object? Parameter { get; } = parameter;

    /// <summary>Asked before the command is given.</summary>
    public string? ConfirmationMessage { get; } = confirmationMessage;

    /// <summary>The button's icon.</summary>
    public string? IconName { get; } = iconName;

    /// <summary>What the icon looks like.</summary>
    public IconVariant? IconVariant { get; } = iconVariant;

    /// <summary>Whether the button stands beside the menu.</summary>
    public bool IsHighlighted { get; } = isHighlighted;
}

/// <summary>What is optional about a command.</summary>
public class CommandOptions
{
    /// <summary>What the button's tip says.</summary>
    public string? Description { get; set; }

    /// <summary>Passed to the dashboard.</summary>
    public object? Parameter { get; set; }

    /// <summary>Asked before the command is given.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>The button's icon.</summary>
    public string? IconName { get; set; }

    /// <summary>What the icon looks like.</summary>
    public IconVariant? IconVariant { get; set; }

    /// <summary>Whether the button stands beside the menu.</summary>
    public bool IsHighlighted { get; set; }

    /// <summary>Whether the command can be given, asked at each change of the resource; always if none.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

/// <summary>What decides whether a command can be given.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>The resource as it is.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }
}

/// <summary>What a command works with.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The resource, or the one replica of it, that the command was given for.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Ends the command.</summary>
    public required CancellationToken CancellationToken { get; init; }
}

/// <summary>How a command ended.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Whether it did what it says.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether somebody called it off.</summary>
    public bool Canceled { get; init; }

    /// <summary>Why it failed.</summary>
    public string? ErrorMessage { get; init; }
}

/// <summary>Makes results of commands.</summary>
public static class CommandResults
{
    /// <summary>It did what it says.</summary>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>It failed.</summary>
    /// <param name="errorMessage">Why.</param>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, ErrorMessage = errorMessage };

    /// <summary>It failed.</summary>
    /// <param name="exception">Why.</param>
    public static ExecuteCommandResult Failure(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Failure(exception.Message);
    }

    /// <summary>Somebody called it off.</summary>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}
