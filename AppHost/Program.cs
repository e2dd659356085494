using Microsoft.Extensions.DependencyInjection;
using Native.Hosting;

return await CommandLine.RunAsync(args, async commandLine =>
{
    try
    {
        var addresses = new Addresses(commandLine.PortOffset);
        var builder = DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions { Args = [.. args, .. addresses.ForAspire], DashboardApplicationName = "Activity" });
        var repository = Path.GetFullPath("..", builder.AppHostDirectory);
        using var state = StateFolder.Take(commandLine.State ?? Path.Combine(repository, ".aspire"), alone: builder.ExecutionContext.IsRunMode);
        var infrastructure = await builder.ChooseInfrastructureAsync(commandLine.Infrastructure);

        var zooKeeper = commandLine.Coordination ? builder.AddZooKeeper(infrastructure, state, addresses.ZooKeeper.Number) : null;
        var kafka = builder.AddKafka(infrastructure, state, addresses.Kafka.Number, zooKeeper);
        var activity = builder.AddActivityDatabase(infrastructure, state);

        var worker = builder.AddProject<Projects.Ingest_Worker>("worker")
            .StartAsBuilt()
            .WithReplicas(commandLine.Workers)
            .WithIconName("ArrowImport")
            .WithReference(kafka).WaitFor(kafka)
            .WithReference(activity).WaitFor(activity);

        var api = builder.AddProject<Projects.Analytics_Api>("api", options => options.ExcludeLaunchProfile = true)
            .StartAsBuilt()
            .WithReplicas(commandLine.Apis)
            .WithIconName("DataHistogram")
            .WithHttpEndpoint(port: addresses.Api.Number)
            .WithExternalHttpEndpoints()
            .WithUrlForEndpoint("http", url => url.DisplayText = "Report")
            .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/scalar", DisplayText = "API reference" })
            .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/openapi/v1.json", DisplayText = "OpenAPI" })
            .WithHttpHealthCheck("/health")
            .WithReference(kafka).WaitFor(kafka)
            .WithReference(activity).WaitFor(activity);

        var publisher = commandLine.DataFile(repository) is { } data
            ? builder.AddProject<Projects.Ingest_Worker>("publisher")
                .StartAsBuilt()
                .WithIconName("DocumentArrowUp")
                .WithArgs("publish", "--once", data)
                .ExcludeFromManifest()
                .WithReference(kafka).WaitFor(kafka)
                .WithParentRelationship(kafka)
                .WithFinalExitCodes(Readiness.PublishedWith)
            : null;

        new OperatorCommands(worker, kafka, activity).Add();
        builder.RestartWhatDies();
        builder.StopInOrder([api.Resource, worker.Resource], [kafka.Resource, activity.Server()], zooKeeper is null ? [] : [zooKeeper.Resource]);
        builder.EndWithOrchestrator();
        builder.Services.AddHostedService(services => new Readiness(
            services.GetRequiredService<ResourceNotificationService>(),
            healthy: [.. zooKeeper is null ? Array.Empty<string>() : [zooKeeper.Resource.Name], kafka.Resource.Name, activity.Resource.Name,
                worker.Resource.Name, api.Resource.Name],
            publisher?.Resource.Name,
            api.GetEndpoint("http"),
            async cancellationToken =>
            [
                $"Report      {api.GetEndpoint("http").Url}/report",
                $"API         {addresses.Api.In(api.GetEndpoint("http").Url)}",
                $"Dashboard   {addresses.Dashboard.In($"http://localhost:{addresses.Dashboard}/login?t={builder.Configuration["AppHost:BrowserToken"]}")}",
                $"Kafka       {addresses.Kafka.In(await kafka.AddressAsync(cancellationToken))}",
                $"PostgreSQL  {await activity.AddressAsync(cancellationToken)}",
                .. zooKeeper is null ? Array.Empty<string>() : [$"ZooKeeper   {addresses.ZooKeeper.In(await zooKeeper.AddressAsync(cancellationToken))}"],
            ]));
        await builder.Build().RunAsync();
        return 0;
    }
    catch (WrongCallException wrong)
    {
        Console.Error.WriteLine(wrong.Message);
        return 2;
    }
    catch (InvalidOperationException failed)
    {
        Console.Error.WriteLine(failed.Message);
        return 1;
    }
});
