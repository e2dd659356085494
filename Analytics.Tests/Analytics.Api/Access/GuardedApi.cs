using System.Net.Http.Headers;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Analytics.Api.Access;

/// <summary>APIs with the small world behind a login by keys, of which each has one scope.</summary>
public sealed class GuardedApi(PostgresProcess postgres, KafkaServer kafka) : IAsyncLifetime
{
    /// <summary>The keys' names are those of their scopes.</summary>
    public static readonly string[] Scopes = ["read", "sql", "write", "admin"];

    private ApiServer? _api;

    public ApiServer Api => _api!;

    /// <summary>A key of the form that the verb makes.</summary>
    public static string Key(string name) => $"activity_{name.PadRight(12, '0')}_{name.PadRight(43, 'x')}";

    public async ValueTask InitializeAsync() => _api = await StartAsync();

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    /// <summary>Starts another with settings of its own, over the same kind of database.</summary>
    public async Task<ApiServer> StartAsync(params (string Name, string Value)[] settings)
    {
        var database = await postgres.CreateMigratedDatabaseAsync();
        var api = new ApiServer(
            database, await kafka.AddressAsync(),
            [("Access:ApiKeys", "true"), ("Ingest:Topic", await kafka.CreateTopicAsync()), .. settings]);
        await api.ExecuteAsync(SmallWorld.Sql);
        foreach (var scope in Scopes)
        {
            await AddKeyAsync(api, scope, scope);
        }

        return api;
    }

    /// <summary>Puts a key into the table.</summary>
    public static Task AddKeyAsync(ApiServer api, string name, string scope, string expires = "null") => api.ExecuteAsync($"""
        insert into api_keys (key_id, name, key_hash, scopes, created_at, expires_at)
        values ('{name.PadRight(12, '0')}', '{name}', sha256(convert_to('{Key(name)}', 'UTF8')), array['{scope}'], now(), {expires})
        """);

    /// <summary>Asks with a key, or without.</summary>
    public static async Task<HttpResponseMessage> AskAsync(
        ApiServer api, string path, string? key = null, HttpMethod? method = null, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method ?? (body is null ? HttpMethod.Get : HttpMethod.Post), path) { Content = body };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>An event to send.</summary>
    public static StringContent Event(string mediaType = "application/json") =>
        new("""{"keen_id":"k1","user_exam_id":"a1"}""", new MediaTypeHeaderValue(mediaType));
}
