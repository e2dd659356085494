extern alias api;

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class EndpointTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    // Beside health, the files that pages are made with: the same for everybody, and no figures in them.
    private static readonly string[] Open =
        ["/alive", "/assets/{file}", "/health", "/scalar/favicon.svg", "/scalar/scalar.aspnetcore.js", "/scalar/scalar.js"];

    [Fact]
    public void Every_endpoint_names_one_scope_but_the_few_that_are_open()
    {
        var endpoints = world.Api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();

        Assert.Equal(Open, endpoints.Where(IsOpen).Select(PathOf).Order());
        Assert.All(endpoints.Where(endpoint => !IsOpen(endpoint)), endpoint =>
        {
            var asked = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
            Assert.True(asked is [{ Policy: "read" or "sql" or "write" or "admin" }], $"{endpoint.DisplayName} names {asked.Count} scopes");
        });
        Assert.All(endpoints.Where(MayWrite), endpoint => Assert.NotEqual("read", endpoint.Metadata.GetMetadata<IAuthorizeData>()!.Policy));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_names_none_is_closed_to_all(bool hasLogin)
    {
        await using var api = new ForgetfulApi(await world.CreateDatabaseAsync(), hasLogin);
        using var client = new HttpClient { BaseAddress = api.ClientOptions.BaseAddress };

        using var answer = await client.GetAsync("/forgotten", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Contains("names no scope", (string)problem!["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_says_who_may_ask_and_how_others_are_refused()
    {
        var document = await world.Api.GetAsync("/openapi/v1.json");

        Assert.Equal(["bearer", "basic"], document["components"]!["securitySchemes"]!.AsObject().Select(scheme => (string)scheme.Value!["scheme"]!));
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var scope = (path, method) switch
                {
                    ("/api/events", _) => "write",
                    ("/api/sql" or "/api/queries/{name}", _) => "sql",
                    ("/api/catalogue", "put" or "delete") => "write",
                    (_, "post") => "admin",
                    _ => "read",
                };
                Assert.Equal($$"""[{"bearer":["{{scope}}"]},{"basic":["{{scope}}"]},{}]""", operation!["security"]!.ToJsonString());
                Assert.All((string[])["401", "403", "429"], status => Assert.NotNull(operation["responses"]![status]?["content"]));
            }
        }
    }

    private static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static string PathOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!;

    private static bool MayWrite(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Any(method => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method)) is true;

    /// <summary>The API with one endpoint more, whose author forgot to name its scope.</summary>
    private sealed class ForgetfulApi : Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactory<api::Program>
    {
        private readonly string _database;
        private readonly bool _hasLogin;

        public ForgetfulApi(string database, bool hasLogin)
        {
            (_database, _hasLogin) = (database, hasLogin);
            UseKestrel();
            StartServer();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseUrls("http://127.0.0.1:0");
            builder.UseSetting("ConnectionStrings:activity", _database);
            builder.UseSetting("ConnectionStrings:kafka", "127.0.0.1:9");
            builder.UseSetting("Access:ApiKeys", _hasLogin ? "true" : "false");
            builder.ConfigureServices(services => services.AddSingleton<IStartupFilter, ForgottenEndpoint>());
        }
    }

    private sealed class ForgottenEndpoint : IStartupFilter
    {
        private static readonly RouteEndpoint Endpoint = new(
            context => context.Response.WriteAsync("secret"), RoutePatternFactory.Parse("/forgotten"), 0, EndpointMetadataCollection.Empty, "forgotten");

        // Routing keeps an endpoint that was chosen before it.
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                if (context.Request.Path == "/forgotten")
                {
                    context.SetEndpoint(Endpoint);
                }

                return following(context);
            });
            next(app);
        };
    }
}
