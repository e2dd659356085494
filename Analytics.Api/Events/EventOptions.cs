namespace Analytics.Api.Events;

/// <summary>Configuration section <c>Events</c>: how much one <c>POST /api/events</c> may bring.</summary>
internal sealed class EventOptions
{
    /// <summary>The largest body in bytes as sent, compressed or not; 256 MiB by default.</summary>
    public long MaxBodyBytes { get; set; } = 256L << 20;

    /// <summary>The largest body in bytes once uncompressed; 2 GiB by default.</summary>
    public long MaxUncompressedBytes { get; set; } = 2L << 30;

    /// <summary>How many values of a body may be no events before the rest is not read; 1,000 by default.</summary>
    public int MaxRejections { get; set; } = 1_000;

    public static void Add(IServiceCollection services) => services.AddOptions<EventOptions>()
        .BindConfiguration("Events")
        .Validate(options => options.MaxBodyBytes > 0, "Events:MaxBodyBytes must be a number of bytes above 0.")
        .Validate(options => options.MaxUncompressedBytes > 0, "Events:MaxUncompressedBytes must be a number of bytes above 0.")
        .Validate(options => options.MaxRejections >= 0, "Events:MaxRejections must be a number of values, 0 or more.")
        .ValidateOnStart();
}
