using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Native.Hosting;

/// <summary>Adds PostgreSQL as a process of this machine.</summary>
public static class NativePostgresBuilderExtensions
{
    /// <summary>
    /// Adds a PostgreSQL server that runs from the installation on this machine (<see cref="PostgresInstallation.FindAsync"/>),
    /// on loopback, with data and password kept in a folder of its own.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="folder">Where the data is kept; made where there is none.</param>
    /// <param name="port">The TCP port; null for a free one, which stays the same as long as it is free.</param>
    /// <exception cref="InvalidOperationException">There is data in the folder, and its password is gone.</exception>
    public static IResourceBuilder<NativePostgresResource> AddNativePostgres(
        this IDistributedApplicationBuilder builder, string name, string folder, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        folder = Path.GetFullPath(folder);
        var password = builder.AddParameter($"{name}-password", PostgresCluster.PasswordIn(folder), secret: true);
        var listensOn = port ?? Ports.Remembered(Path.Combine(folder, "port"));
        var server = new NativePostgresResource(name, folder, password.Resource);
        builder.Services.AddHealthChecks().AddCheck(name, new PostgresHealthCheck(server));
        return builder.AddResource(server)
            .WithEndpoint(port: listensOn, targetPort: listensOn, scheme: "tcp", name: NativePostgresResource.EndpointName, isProxied: false)
            .WithHealthCheck(name)
            .WithIconName("DatabaseMultiple")
            .OnBeforeResourceStarted(PrepareAsync)
            .WithArgs(context => server.Cluster!.CommandLine(listensOn).ToList().ForEach(context.Args.Add))
            .ExcludeFromManifest();
    }

    /// <summary>Adds a database, which is created when the server is ready and has none of that name.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The resource's name, and the connection string's.</param>
    /// <param name="databaseName">The database's name; null for the resource's.</param>
    public static IResourceBuilder<NativePostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<NativePostgresResource> server, string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        var database = new NativePostgresDatabaseResource(name, databaseName ?? name, server.Resource);
        server.ApplicationBuilder.Services.AddHealthChecks().AddCheck(name, new PostgresHealthCheck(database));

        // Aspire hands the state of a container down to what is in it, that of a process it doesn't.
        server.OnResourceReady(async (resource, ready, cancellationToken) =>
        {
            await CreateAsync(resource, database.DatabaseName, cancellationToken);
            await PublishAsync(ready.Services, database, KnownResourceStates.Running);
        });
        server.OnResourceStopped((_, stopped, _) => PublishAsync(stopped.Services, database, KnownResourceStates.Exited));
        return server.ApplicationBuilder.AddResource(database)
            .WithInitialState(new CustomResourceSnapshot { ResourceType = "Database", Properties = [], State = KnownResourceStates.Starting })
            .WithHealthCheck(name)
            .WithIconName("Database")
            .ExcludeFromManifest();
    }

    private static Task PublishAsync(IServiceProvider services, IResource database, string state) =>
        services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(database, snapshot => snapshot with { State = state });

    private static async Task PrepareAsync(NativePostgresResource server, BeforeResourceStartedEvent @event, CancellationToken cancellationToken)
    {
        var logger = @event.Services.GetRequiredService<ResourceLoggerService>().GetLogger(server);
        var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
        server.Cluster = await PostgresCluster.PrepareAsync(server.Folder, password!, line => Log.Progress(logger, line), cancellationToken);
    }

    private static async Task CreateAsync(NativePostgresResource server, string database, CancellationToken cancellationToken)
    {
        var connectionString = await server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        await using var source = NpgsqlDataSource.Create($"{connectionString};Database=postgres;Pooling=false");
        await using var create = source.CreateCommand($"CREATE DATABASE \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        try
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exists) when (exists.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // It is there since an earlier start.
        }
    }
}
