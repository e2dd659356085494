using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <inheritdoc cref="IDistributedApplicationEventing"/>
public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private ImmutableDictionary<Type, ImmutableList<DistributedApplicationEventSubscription>> _subscriptions
        = ImmutableDictionary<Type, ImmutableList<DistributedApplicationEventSubscription>>.Empty;

    /// <inheritdoc/>
    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);
        var subscription = new DistributedApplicationEventSubscription((@event, cancellationToken) => callback((T)@event, cancellationToken));
        ImmutableInterlocked.AddOrUpdate(ref _subscriptions, typeof(T), [subscription], (_, all) => all.Add(subscription));
        return subscription;
    }

    /// <inheritdoc/>
    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(callback);
        return Subscribe<T>((@event, cancellationToken) => @event.Resource == resource ? callback(@event, cancellationToken) : Task.CompletedTask);
    }

    /// <inheritdoc/>
    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        foreach (var type in _subscriptions.Where(pair => pair.Value.Contains(subscription)).Select(pair => pair.Key).ToList())
        {
            ImmutableInterlocked.AddOrUpdate(ref _subscriptions, type, [], (_, all) => all.Remove(subscription));
        }
    }

    /// <inheritdoc/>
    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent => PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    /// <inheritdoc/>
    public Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(@event);
        if (!_subscriptions.TryGetValue(typeof(T), out var subscriptions) || subscriptions.IsEmpty)
        {
            return Task.CompletedTask;
        }

        switch (dispatchBehavior)
        {
            case EventDispatchBehavior.BlockingConcurrent:
                return Task.WhenAll(subscriptions.Select(subscription => subscription.Callback(@event, cancellationToken)));
            case EventDispatchBehavior.NonBlockingConcurrent:
                foreach (var subscription in subscriptions)
                {
                    _ = Task.Run(() => subscription.Callback(@event, cancellationToken), cancellationToken);
                }

                return Task.CompletedTask;
            case EventDispatchBehavior.NonBlockingSequential:
                _ = Task.Run(() => CallInOrderAsync(subscriptions, @event, cancellationToken), cancellationToken);
                return Task.CompletedTask;
            default:
                return CallInOrderAsync(subscriptions, @event, cancellationToken);
        }
    }

    private static async Task CallInOrderAsync(ImmutableList<DistributedApplicationEventSubscription> subscriptions, IDistributedApplicationEvent @event, CancellationToken cancellationToken)
    {
        foreach (var subscription in subscriptions)
        {
            await subscription.Callback(@event, cancellationToken).ConfigureAwait(false);
        }
    }
}
