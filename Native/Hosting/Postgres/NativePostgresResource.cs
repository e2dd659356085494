using Aspire.Hosting.ApplicationModel;

namespace Native.Hosting;

/// <summary>PostgreSQL as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="folder">Where the data is, in one folder for each major version.</param>
/// <param name="password">The superuser's password.</param>
public sealed class NativePostgresResource(string name, string folder, ParameterResource password)
    // `env` runs what its arguments say; which program that is becomes known when the server is started.
    : ExecutableResource(name, "env", folder), IResourceWithConnectionString
{
    internal const string EndpointName = "tcp";

    /// <summary>Where the server listens, on loopback.</summary>
    public EndpointReference PrimaryEndpoint => new(this, EndpointName);

    /// <summary>The superuser's password.</summary>
    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>Npgsql's connection string of the server, without a database.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host=127.0.0.1;Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={PostgresCluster.UserName};Password={PasswordParameter}");

    internal string Folder { get; } = folder;

    /// <summary>The data folder made ready for the start that is under way.</summary>
    internal PostgresCluster? Cluster { get; set; }
}

/// <summary>A database on <see cref="NativePostgresResource"/>, created when the server is ready.</summary>
/// <param name="name">The resource's name, and the connection string's.</param>
/// <param name="databaseName">The database's name.</param>
/// <param name="server">The server it is on.</param>
public sealed class NativePostgresDatabaseResource(string name, string databaseName, NativePostgresResource server)
    : Resource(name), IResourceWithParent<NativePostgresResource>, IResourceWithConnectionString
{
    /// <summary>The server it is on.</summary>
    public NativePostgresResource Parent { get; } = server;

    /// <summary>The database's name.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>Npgsql's connection string of the database.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={DatabaseName}");
}
