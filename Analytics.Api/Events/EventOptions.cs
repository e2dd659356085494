using System.ComponentModel.DataAnnotations;

namespace Analytics.Api.Events;

/// <summary>Configuration section <c>Events</c>: how much one <c>POST /api/events</c> may bring.</summary>
internal sealed class EventOptions
{
    /// <summary>The largest body in bytes as sent, compressed or not; 256 MiB by default.</summary>
    [Range(1, long.MaxValue)]
    public long MaxBodyBytes { get; set; } = 256L << 20;

    /// <summary>The largest body in bytes once uncompressed; 4 GiB by default.</summary>
    [Range(1, long.MaxValue)]
    public long MaxUncompressedBytes { get; set; } = 4L << 30;
}
