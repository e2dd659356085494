using System.Net;
using System.Security.Cryptography;
using Analytics.Tests.Native.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class TokenTests(TokenApi issuing) : IClassFixture<TokenApi>
{
    [Theory]
    [InlineData("scope", "read", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("scope", "openid read sql", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("scp", "sql", HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData("scope", "admin", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("scope", "reader", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("role", "read", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task A_token_may_do_what_its_scopes_say(string claim, string value, HttpStatusCode summary, HttpStatusCode sql)
    {
        var token = Token(claims: new() { [claim] = value });

        Assert.Equal((summary, sql), (await AskAsync("/api/summary", token), await AskAsync("/api/sql?query=select%201", token)));
    }

    [Fact]
    public async Task Several_scopes_may_come_as_a_list()
    {
        var token = Token(claims: new() { ["scp"] = new[] { "read", "sql" } });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await AskAsync("/api/summary", token), await AskAsync("/api/sql?query=select%201", token)));
    }

    [Fact]
    public async Task A_token_of_another_issuer_for_another_audience_expired_unsigned_or_changed_is_refused()
    {
        using var rsa = RSA.Create(2048);
        var good = Token();
        var parts = good.Split('.');
        var admin = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("read", "admin", StringComparison.Ordinal));
        Dictionary<string, string> tokens = new()
        {
            ["another audience"] = Token(audience: "another"),
            ["another issuer"] = Token(issuer: "https://evil.example"),
            ["another key"] = Token(key: new RsaSecurityKey(rsa) { KeyId = "k1" }),
            ["expired"] = Token(expires: DateTime.UtcNow.AddHours(-1)),
            ["changed"] = $"{parts[0]}.{admin}.{parts[2]}",
            ["unsigned"] = $"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{parts[1]}.",
        };

        Assert.Equal(HttpStatusCode.OK, await AskAsync("/api/summary", good));
        foreach (var (what, token) in tokens)
        {
            using var answer = await GuardedApi.AskAsync(issuing.Api, "/api/summary", token);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{what} got {answer.StatusCode}");
            Assert.Contains("invalid_token", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task Keys_and_tokens_are_taken_side_by_side()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/api/summary", GuardedApi.Key("read")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/api/summary", GuardedApi.Key("nobody")));
    }

    private async Task<HttpStatusCode> AskAsync(string path, string token)
    {
        using var answer = await GuardedApi.AskAsync(issuing.Api, path, token);
        return answer.StatusCode;
    }

    private string Token(
        Dictionary<string, object>? claims = null, string audience = TokenApi.Audience, string? issuer = null, SecurityKey? key = null,
        DateTime? expires = null) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? issuing.Issuer,
            Audience = audience,
            NotBefore = DateTime.UtcNow.AddHours(-2),
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            Claims = claims ?? new() { ["scope"] = "read" },
            SigningCredentials = new SigningCredentials(key ?? issuing.Key, SecurityAlgorithms.RsaSha256),
        });
}

/// <summary>A guarded API that also takes the tokens of an issuer, with what the tests need to be that issuer.</summary>
public sealed class TokenApi(PostgresProcess postgres, KafkaServer kafka) : IAsyncLifetime
{
    public const string Audience = "activity";

    private WebApplication? _issuer;
    private ApiServer? _api;

    public ApiServer Api => _api!;

    public RsaSecurityKey Key { get; } = new(RSA.Create(2048)) { KeyId = "k1" };

    public string Issuer => _issuer!.Urls.Single();

    /// <summary>An OpenID Connect issuer, as far as an API needs one: its configuration and its public keys.</summary>
    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        var parameters = Key.Rsa.ExportParameters(includePrivateParameters: false);
        var (modulus, exponent) = (Base64UrlEncoder.Encode(parameters.Modulus), Base64UrlEncoder.Encode(parameters.Exponent));
        _issuer.MapGet("/.well-known/openid-configuration", () => TypedResults.Text(
            $$"""{"issuer":"{{Issuer}}","jwks_uri":"{{Issuer}}/keys"}""", "application/json"));
        _issuer.MapGet("/keys", () => TypedResults.Text(
            $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"k1","n":"{{modulus}}","e":"{{exponent}}"}]}""", "application/json"));
        await _issuer.StartAsync(TestContext.Current.CancellationToken);
        _api = await new GuardedApi(postgres, kafka).StartAsync(
            ("Authentication:Schemes:Bearer:Authority", Issuer),
            ("Authentication:Schemes:Bearer:RequireHttpsMetadata", "false"),
            ("Authentication:Schemes:Bearer:ValidAudience", Audience));
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await _issuer!.DisposeAsync();
        Key.Rsa.Dispose();
    }
}
