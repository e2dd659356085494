namespace Analytics.Api.Access;

/// <summary>
/// Configuration section <c>Access</c>: who may ask. The names of hosts are in ASP.NET's own setting <c>AllowedHosts</c>, JWT bearer tokens in
/// <c>Authentication:Schemes:Bearer</c>.
/// </summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>The limit of a key or address where a login is configured and no other is.</summary>
    public const int UsualRequestsPerMinute = 6000;

    /// <summary>Whether the keys of the table <c>api_keys</c> are a login.</summary>
    public bool ApiKeys { get; set; }

    /// <summary>
    /// Whether those who connect from this machine to a loopback address need no login though one is configured. Not for a machine whose proxy passes on
    /// requests of others.
    /// </summary>
    public bool LoopbackWithoutLogin { get; set; }

    /// <summary>Origins of other sites (<c>https://example.org</c>) whose pages may read and write.</summary>
    public string[] Origins { get; set; } = [];

    /// <summary>Requests a minute that a key, or an address without one, may make; null for 6000 where a login is configured and no limit elsewhere.</summary>
    public int? RequestsPerMinute { get; set; }
}
