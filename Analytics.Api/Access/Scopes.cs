namespace Analytics.Api.Access;

/// <summary>What a key or a token may do. Every endpoint names one of these, or says that it is open to all.</summary>
internal static class Scopes
{
    /// <summary>All answers but those to free SQL.</summary>
    public const string Read = "read";

    /// <summary>Free questions by SQL.</summary>
    public const string Sql = "sql";

    /// <summary>Sending events, and what questions are called.</summary>
    public const string Write = "write";

    /// <summary>All of the others, and replaying dead letters.</summary>
    public const string Admin = "admin";

    public static readonly string[] All = [Read, Sql, Write, Admin];

    /// <summary>Lets in only those who have this scope; on endpoints, not on a group of which some need another.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoints, string scope) where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(scope);
}
