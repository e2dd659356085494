using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>The commands that every resource with a process has.</summary>
internal static class LifecycleCommands
{
    public static void Add(IResource resource, ApplicationOrchestrator orchestrator)
    {
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == KnownResourceCommands.StartCommand))
        {
            return;
        }

        Add(
            resource,
            KnownResourceCommands.StartCommand,
            "Start",
            "Play",
            state => state is null || IsOver(state) || state == KnownResourceStates.Waiting ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
            context => orchestrator.StartResourceAsync(context.ResourceName, context.CancellationToken));
        Add(
            resource,
            KnownResourceCommands.StopCommand,
            "Stop",
            "Stop",
            state => state == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
            context => orchestrator.StopResourceAsync(context.ResourceName, context.CancellationToken));
        Add(
            resource,
            KnownResourceCommands.RestartCommand,
            "Restart",
            "ArrowCounterclockwise",
            state => state == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            async context =>
            {
                await orchestrator.StopResourceAsync(context.ResourceName, context.CancellationToken).ConfigureAwait(false);
                await orchestrator.StartResourceAsync(context.ResourceName, context.CancellationToken).ConfigureAwait(false);
            });
    }

    private static bool IsOver(string state) => state == KnownResourceStates.NotStarted || KnownResourceStates.TerminalStates.Contains(state);

    private static void Add(IResource resource, string name, string displayName, string icon, Func<string?, ResourceCommandState> stateOf, Func<ExecuteCommandContext, Task> execute) =>
        resource.Annotations.Add(new ResourceCommandAnnotation(
            name,
            displayName,
            context => stateOf(context.ResourceSnapshot.State?.Text),
            async context =>
            {
                await execute(context).ConfigureAwait(false);
                return CommandResults.Success();
            },
            displayDescription: null,
            parameter: null,
            confirmationMessage: null,
            iconName: icon,
            IconVariant.Filled,
            isHighlighted: name != KnownResourceCommands.RestartCommand));
}
