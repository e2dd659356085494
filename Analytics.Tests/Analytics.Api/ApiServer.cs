extern alias api;

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Analytics.Tests.Analytics.Api;

/// <summary>The API on Kestrel, over a database of its own.</summary>
public sealed class ApiServer : WebApplicationFactory<api::Program>
{
    // Nothing listens there.
    private const string NoKafka = "127.0.0.1:9";

    private readonly string _database;
    private readonly string _kafka;
    private readonly (string Name, string Value)[] _settings;

    public ApiServer(string database, string kafka = NoKafka, params (string Name, string Value)[] settings)
    {
        _database = database;
        _kafka = kafka;
        _settings = settings;
        UseKestrel();
        StartServer();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = ClientOptions.BaseAddress };
    }

    public HttpClient Client { get; }

    public async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path} answered {(int)response.StatusCode}: {body}");
        return JsonNode.Parse(body)!;
    }

    /// <summary>Asks for what must fail.</summary>
    /// <returns>The problem's detail.</returns>
    public async Task<string> RefusedAsync(string path, HttpStatusCode status, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Equal((int)status, (int)problem!["status"]!);
        Assert.Null(response.Headers.ETag);
        return (string)problem["detail"]!;
    }

    protected override void Dispose(bool disposing)
    {
        Client.Dispose();
        base.Dispose(disposing);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseUrls("http://127.0.0.1:0");
        builder.UseSetting("ConnectionStrings:activity", _database);
        builder.UseSetting("ConnectionStrings:kafka", _kafka);
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders());
    }
}
