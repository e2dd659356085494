using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Adds to the environment of a resource just before it starts.</summary>
public class EnvironmentCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Adds by an asynchronous callback.</summary>
    /// <param name="callback">Called before each start.</param>
    public EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    /// <summary>Adds by a callback.</summary>
    /// <param name="callback">Called before each start.</param>
    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback)
        : this(context =>
        {
            callback(context);
            return Task.CompletedTask;
        })
    {
        ArgumentNullException.ThrowIfNull(callback);
    }

    /// <summary>Adds one variable.</summary>
    /// <param name="name">The variable's name.</param>
    /// <param name="callback">Its value, asked before each start.</param>
    public EnvironmentCallbackAnnotation(string name, Func<string> callback)
        : this(context => context.EnvironmentVariables[name] = callback())
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
    }

    /// <summary>Called before each start.</summary>
    public Func<EnvironmentCallbackContext, Task> Callback { get; }
}

/// <summary>The environment of a resource while it is being gathered.</summary>
/// <param name="executionContext">The kind of run.</param>
/// <param name="resource">The resource that gets the variables.</param>
/// <param name="environmentVariables">The variables so far: texts or value providers.</param>
/// <param name="cancellationToken">Ends the gathering.</param>
public class EnvironmentCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource, Dictionary<string, object>? environmentVariables = null, CancellationToken cancellationToken = default)
{
    /// <summary>The variables so far: texts or value providers.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    /// <summary>Ends the gathering.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The kind of run.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>The resource that gets the variables.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Writes to the resource's console.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;
}

/// <summary>Adds to the arguments of a resource just before it starts.</summary>
public class CommandLineArgsCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Adds by an asynchronous callback.</summary>
    /// <param name="callback">Called before each start.</param>
    public CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    /// <summary>Adds by a callback on the list of arguments.</summary>
    /// <param name="callback">Called before each start.</param>
    public CommandLineArgsCallbackAnnotation(Action<IList<object>> callback)
        : this(context =>
        {
            callback(context.Args);
            return Task.CompletedTask;
        })
    {
        ArgumentNullException.ThrowIfNull(callback);
    }

    /// <summary>Called before each start.</summary>
    public Func<CommandLineArgsCallbackContext, Task> Callback { get; }
}

/// <summary>The arguments of a resource while they are being gathered.</summary>
/// <param name="args">The arguments so far: texts or value providers.</param>
/// <param name="resource">The resource that gets the arguments.</param>
/// <param name="cancellationToken">Ends the gathering.</param>
public sealed class CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
{
    /// <summary>The arguments so far: texts or value providers.</summary>
    public IList<object> Args { get; } = args;

    /// <summary>The resource that gets the arguments.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Ends the gathering.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The kind of run.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; init; } = new(DistributedApplicationOperation.Run);

    /// <summary>Writes to the resource's console.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
