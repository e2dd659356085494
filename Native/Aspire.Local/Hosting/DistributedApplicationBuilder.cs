using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.ResourceService;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

/// <inheritdoc cref="IDistributedApplicationBuilder"/>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;

    /// <summary>Begins to describe an application.</summary>
    /// <param name="args">The command line, which becomes configuration.</param>
    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <summary>Begins to describe an application.</summary>
    /// <param name="options">How the builder starts.</param>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        BuilderHooks.Current?.Constructing(options);
        Banner.Write();
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory ?? new BuiltProjects(AppHostAssembly).AppHostDirectory ?? Directory.GetCurrentDirectory();
        _host = Host.CreateEmptyApplicationBuilder(HostSettings(options.Args));
        BuilderConfiguration.Add(_host.Configuration, AppHostDirectory, _host.Environment.EnvironmentName, options);
        BuilderConfiguration.AddLogging(_host);
        if (options.Args is { } args && (args.Contains("--publisher") || args.SkipWhile(arg => arg != "--operation").Skip(1).FirstOrDefault() == "publish"))
        {
            throw new DistributedApplicationException("Aspire.Local runs applications and can't publish them: use a package feed that has Aspire.");
        }

        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(options);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddHealthChecks();
        Services.AddHttpClient();
        Services.AddOptions<ResourceNotificationServiceOptions>();
        Services.AddSingleton(services => new ResourceLoggerService(services.GetRequiredService<TimeProvider>()));
        Services.AddSingleton(services => new ResourceNotificationService(
            services,
            services.GetRequiredService<ResourceLoggerService>(),
            services.GetRequiredService<DistributedApplicationModel>(),
            services.GetRequiredService<IOptions<ResourceNotificationServiceOptions>>().Value,
            services.GetRequiredService<TimeProvider>()));
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(),
            services.GetRequiredService<ResourceLoggerService>(),
            services));
        Services.AddSingleton(new BuiltProjects(AppHostAssembly));
        Services.AddSingleton<ProjectCommands>();
        Services.AddSingleton<ResourceServiceHost>();
        Services.AddSingleton<DashboardHost>();
        Services.AddSingleton<ApplicationOrchestrator>();
        Services.AddHostedService<HealthMonitor>();
        Services.AddHostedService(services => services.GetRequiredService<ApplicationOrchestrator>());
        Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
    }

    /// <inheritdoc/>
    public ConfigurationManager Configuration => _host.Configuration;

    /// <inheritdoc/>
    public string AppHostDirectory { get; }

    /// <inheritdoc/>
    public Assembly? AppHostAssembly { get; }

    /// <inheritdoc/>
    public IHostEnvironment Environment => _host.Environment;

    /// <inheritdoc/>
    public IServiceCollection Services => _host.Services;

    /// <inheritdoc/>
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    /// <inheritdoc/>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    /// <inheritdoc/>
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc/>
    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (Resources.Any(known => ResourceName.Same(known.Name, resource.Name)))
        {
            throw new DistributedApplicationException($"There is a resource named '{resource.Name}' already; names are compared without regard to case.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc/>
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    /// <inheritdoc/>
    public DistributedApplication Build()
    {
        if (BuilderHooks.Current is { } test)
        {
            test.Building(this);
            Services.AddSingleton<IHostLifetime, NoLifetime>();
        }

        var application = new DistributedApplication(_host.Build());
        ExecutionContext.ServiceProvider = application.Services;
        BuilderHooks.Current?.Built(application);
        return application;
    }

    private HostApplicationBuilderSettings HostSettings(string[]? args) => new()
    {
        Args = args,
        ContentRootPath = AppHostDirectory,
        ApplicationName = AppHostAssembly?.GetName().Name,
        EnvironmentName = System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            ?? System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environments.Development,
    };

    /// <summary>Under a test, Ctrl+C is the test runner's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
