namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something whose value is known only when the application runs.</summary>
public interface IValueProvider
{
    /// <summary>The value; waits until it is known.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>The value as one resource sees it; waits until it is known.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) => GetValueAsync(cancellationToken);
}

/// <summary>Something that a manifest can name without knowing its value, as <c>{kafka.connectionString}</c>.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The name, in braces.</summary>
    string ValueExpression { get; }
}

/// <summary>A value that is made of others.</summary>
public interface IValueWithReferences
{
    /// <summary>What the value is made of: resources, endpoints, parameters, expressions.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>Who asks for a value.</summary>
public class ValueProviderContext
{
    /// <summary>The kind of run.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    /// <summary>The resource that gets the value.</summary>
    public IResource? Caller { get; init; }

    /// <summary>The ports on which the asking replica itself listens, by endpoint name.</summary>
    internal IReadOnlyDictionary<string, int>? TargetPorts { get; init; }
}

/// <summary>A value that is set once, later; those who ask for it wait.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public sealed class ValueSnapshot<T>
{
    private readonly TaskCompletionSource<T> _value = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the value, or the reason why there is none, is known.</summary>
    public bool IsValueSet => _value.Task.IsCompleted;

    /// <summary>The value; waits until it is known.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<T> GetValueAsync(CancellationToken cancellationToken = default) => _value.Task.WaitAsync(cancellationToken);

    /// <summary>Sets the value and lets all who wait go on.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">It was set before.</exception>
    public void SetValue(T value) => _value.SetResult(value);

    /// <summary>Says why there will be no value.</summary>
    /// <param name="exception">The reason; those who wait get it.</param>
    public void SetException(Exception exception)
    {
        _value.SetException(exception);
        _ = _value.Task.Exception;
    }
}
