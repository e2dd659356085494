namespace Aspire.Hosting;

/// <summary>What is done with an application.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>It runs.</summary>
    Run,

    /// <summary>It is published; Aspire.Local can't.</summary>
    Publish,
}

/// <summary>The kind of run.</summary>
/// <param name="operation">What is done with the application.</param>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>What is done with the application.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>Whether it runs.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>Whether it is published.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <summary>The application's services, once it is built.</summary>
    public IServiceProvider ServiceProvider
    {
        get => field ?? throw new InvalidOperationException("The application's services are not there before it is built.");
        internal set;
    }
}
