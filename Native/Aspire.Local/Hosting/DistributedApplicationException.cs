namespace Aspire.Hosting;

/// <summary>The application can't be built or run as it was described.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Says nothing about the reason.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Says why.</summary>
    /// <param name="message">Why.</param>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>Says why, and what made it so.</summary>
    /// <param name="message">Why.</param>
    /// <param name="inner">What made it so.</param>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
