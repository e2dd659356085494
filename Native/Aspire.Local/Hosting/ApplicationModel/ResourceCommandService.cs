namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources.</summary>
public class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider services)
    {
        _notifications = notifications;
        _loggers = loggers;
        _services = services;
    }

    /// <summary>Gives a command to a resource, or to one replica of it.</summary>
    /// <param name="resourceId">The resource's name or the replica's, such as <c>worker-1a2b3c4d</c>.</param>
    /// <param name="commandName">Such as <see cref="KnownResourceCommands.RestartCommand"/>.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (_notifications.TryGetCurrentState(resourceId, out var state))
        {
            return await ExecuteAsync(state.Resource, state.ResourceId, commandName, cancellationToken).ConfigureAwait(false);
        }

        return _notifications.FindResource(resourceId) is { } resource
            ? await ExecuteCommandAsync(resource, commandName, cancellationToken).ConfigureAwait(false)
            : CommandResults.Failure($"There is no resource '{resourceId}'.");
    }

    /// <summary>Gives a command to a resource: to each of its replicas.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">Such as <see cref="KnownResourceCommands.RestartCommand"/>.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var results = await Task.WhenAll(resource.InstanceIds().Select(id => ExecuteAsync(resource, id, commandName, cancellationToken))).ConfigureAwait(false);
        if (results.FirstOrDefault(result => !result.Success) is not { } failed || results.Length == 1)
        {
            return results[0];
        }

        return failed.Canceled ? failed : CommandResults.Failure(string.Join(' ', results.Where(result => !result.Success).Select(result => result.ErrorMessage)));
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(IResource resource, string resourceId, string commandName, CancellationToken cancellationToken)
    {
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().FirstOrDefault(command => command.Name == commandName) is not { } command)
        {
            return CommandResults.Failure($"The resource '{resource.Name}' has no command '{commandName}'.");
        }

        try
        {
            return await command.ExecuteCommand(new ExecuteCommandContext
            {
                ServiceProvider = _services,
                ResourceName = resourceId,
                CancellationToken = cancellationToken,
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            Log.CommandFailed(_loggers.GetLogger(resourceId), commandName, exception.Message);
            return CommandResults.Failure(exception);
        }
    }
}
