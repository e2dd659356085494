using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The life of resources that are values: they are there as soon as the values they are made of are known.</summary>
internal static class ValueResourceExtensions
{
    public static IResourceBuilder<T> AsValue<T>(this IResourceBuilder<T> builder, string type, bool isHidden)
        where T : IResource, IValueProvider => builder
            .WithInitialState(new CustomResourceSnapshot { ResourceType = type, Properties = [], State = KnownResourceStates.Waiting, IsHidden = isHidden })
            .OnInitializeResource(async (resource, @event, cancellationToken) =>
            {
                try
                {
                    await @event.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, @event.Services), cancellationToken).ConfigureAwait(false);
                    await resource.GetValueAsync(cancellationToken).ConfigureAwait(false);
                    await @event.Notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = KnownResourceStates.Running }).ConfigureAwait(false);
                    if (resource is IResourceWithConnectionString)
                    {
                        await @event.Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, @event.Services), cancellationToken).ConfigureAwait(false);
                    }
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    Log.FailedToStart(@event.Logger, exception.Message);
                    await @event.Notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error) }).ConfigureAwait(false);
                }
            });
}
