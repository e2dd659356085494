namespace Aspire.Hosting.ApplicationModel;

/// <summary>A PostgreSQL server in a container.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="userName">The user; <c>postgres</c> if none.</param>
/// <param name="password">The user's password.</param>
public class PostgresServerResource(string name, ParameterResource? userName, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    private readonly Dictionary<string, string> _databases = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where clients reach it.</summary>
    public EndpointReference PrimaryEndpoint => field ??= new(this, PrimaryEndpointName);

    /// <summary>The user; <c>postgres</c> if none.</summary>
    public ParameterResource? UserNameParameter { get; set; } = userName;

    /// <summary>The user's password.</summary>
    public ParameterResource PasswordParameter { get; set; } = password;

    /// <summary>The user.</summary>
    public ReferenceExpression UserNameReference => UserNameParameter is null ? ReferenceExpression.Create($"postgres") : ReferenceExpression.Create($"{UserNameParameter}");

    /// <summary>The host that clients use.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The port that clients use.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The databases: resource names and the names in the server.</summary>
    public IReadOnlyDictionary<string, string> Databases => _databases;

    /// <summary>As Npgsql reads it.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"Host={Host};Port={Port};Username={UserNameReference};Password={PasswordParameter}");

    /// <summary>As libpq reads it.</summary>
    public ReferenceExpression UriExpression => ReferenceExpression.Create($"postgresql://{UserNameReference:uri}:{PasswordParameter:uri}@{Host}:{Port}");

    internal void AddDatabase(string resourceName, string databaseName) => _databases[resourceName] = databaseName;

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() => ConnectionProperties(UriExpression);

    internal IEnumerable<KeyValuePair<string, ReferenceExpression>> ConnectionProperties(ReferenceExpression uri) =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Username", UserNameReference),
        new("Password", ReferenceExpression.Create($"{PasswordParameter}")),
        new("Uri", uri),
    ];
}

/// <summary>A database in a PostgreSQL server.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="databaseName">The name in the server.</param>
/// <param name="postgresParentResource">The server.</param>
public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource) : Resource(name), IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    /// <inheritdoc/>
    public PostgresServerResource Parent { get; } = postgresParentResource;

    /// <summary>The name in the server.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>As Npgsql reads it.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={DatabaseName}");

    /// <summary>As libpq reads it.</summary>
    public ReferenceExpression UriExpression => ReferenceExpression.Create($"{Parent.UriExpression}/{DatabaseName:uri}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        [.. Parent.ConnectionProperties(UriExpression), new("DatabaseName", ReferenceExpression.Create($"{DatabaseName}"))];
}
