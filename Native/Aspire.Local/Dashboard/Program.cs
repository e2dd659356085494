// The dashboard of Aspire.Local: a process of its own that the AppHost starts. README.md lists its settings and its JSON view.
using Aspire.Local.Dashboard;
using Aspire.Local.Dashboard.Api;
using Aspire.Local.Dashboard.Components;
using Aspire.Local.Dashboard.Otlp;
using Aspire.Local.Dashboard.Resources;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.FluentUI.AspNetCore.Components;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    ApplicationName = typeof(DashboardOptions).Assembly.GetName().Name,
    ContentRootPath = AppContext.BaseDirectory,
});

DashboardOptions options;
TelemetryLimits limits;
try
{
    options = DashboardOptions.Read(builder.Configuration);
    limits = TelemetryLimits.Read(builder.Configuration);
}
catch (FormatException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}

// The assets lie in the package's and the project's folders until somebody publishes; the build's manifest knows where.
StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);
builder.WebHost.ConfigureKestrel(kestrel => Doors.Listen(kestrel, options));
// An open page holds its connection for as long as it can.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning)
    .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

builder.Services.AddSingleton(options);
builder.Services.AddSingleton(limits);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<TelemetryStore>();
builder.Services.AddSingleton<ResourceDirectory>();
builder.Services.AddSingleton<ResourceService>();
builder.Services.AddHostedService<ResourceWatch>();
builder.Services.AddOtlp();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddFluentUIComponents();
builder.Services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new KeysInMemory());

var app = builder.Build();
app.UseRouting();
app.Use(OriginGuard.Check);
app.Use(Doors.Guard);
app.UseAntiforgery();
app.MapOtlp();
app.MapTelemetryApi();
app.MapStaticAssets();
// OriginGuard's policy says who may frame the pages: nobody.
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);

try
{
    await app.StartAsync();
}
catch (IOException taken)
{
    await Console.Error.WriteLineAsync($"The dashboard can't listen: {taken.Message} Give it another address by ASPNETCORE_URLS or DOTNET_DASHBOARD_OTLP_ENDPOINT_URL.");
    return 1;
}

// Kestrel lists its addresses in the order in which Doors opened them.
Console.WriteLine($"Dashboard listens at {string.Join(", ", app.Urls)}");
await app.WaitForShutdownAsync();
return 0;
