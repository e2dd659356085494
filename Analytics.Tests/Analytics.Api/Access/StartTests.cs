using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Analytics.Tests.Analytics.Api.Access;

/// <summary>What the API refuses to start with, and how it listens with TLS.</summary>
public sealed class StartTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private const string Nothing = "Host=127.0.0.1;Port=9;Username=a;Database=a";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://0.0.0.0:0 can be reached from other machines, and no login is configured", "URLS=http://0.0.0.0:0")]
    [InlineData("http://*:0 can be reached", "URLS=http://localhost:0;http://*:0")]
    [InlineData("http://[::]:0 can be reached", "ASPNETCORE_URLS=http://[::]:0")]
    [InlineData("http://192.0.2.7:0 can be reached", "URLS=http://192.0.2.7:0")]
    [InlineData("http://activity.example:0 can be reached", "URLS=http://activity.example:0")]
    [InlineData("http://*:8080 can be reached", "ASPNETCORE_HTTP_PORTS=8080")]
    [InlineData("https://+:0 can be reached", "Kestrel__Endpoints__Any__Url=https://+:0")]
    [InlineData("\"localhost:5180\" is no address to listen on", "URLS=localhost:5180")]
    [InlineData("an origin is a scheme and a host", "Access__Origins__0=https://a.example/")]
    [InlineData("Access:Origins holds \"*\"", "Access__Origins__0=*")]
    [InlineData("Access:RequestsPerMinute must be 1 at least", "Access__RequestsPerMinute=0")]
    [InlineData("Access:RequestsPerMinute", "Access__RequestsPerMinute=many")]
    [InlineData("Access:ApiKeys", "Access__ApiKeys=yes")]
    [InlineData("There is no setting Access:ApiKey:", "Access__ApiKey=true")]
    [InlineData("Bearer:Authority is missing", "Authentication__Schemes__Bearer__ValidAudience=a")]
    [InlineData("Bearer:ValidAudience is missing", "Authentication__Schemes__Bearer__Authority=https://login.example")]
    [InlineData(
        "begins with https://",
        "Authentication__Schemes__Bearer__Authority=http://login.example", "Authentication__Schemes__Bearer__ValidAudience=a")]
    [InlineData(
        "Kestrel:Endpoints:Https:Certificate names can't be loaded",
        "Kestrel__Endpoints__Https__Url=https://localhost:0", "Kestrel__Endpoints__Https__Certificate__Path=missing.pfx")]
    public async Task It_refuses_to_start_with_one_sentence_and_exit_code_2(string sentence, params string[] settings)
    {
        var (exitCode, _, error) = await ApiProcess.RunAsync(
            [],
            [
                ("ConnectionStrings__activity", Nothing), ("ConnectionStrings__kafka", "127.0.0.1:9"),
                .. settings.Select(setting => setting.Split('=', 2)).Select(setting => (setting[0], setting[1])),
            ]);

        Assert.True(exitCode == 2, error);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("pfx")]
    [InlineData("pem")]
    public async Task With_a_certificate_it_listens_with_TLS_and_takes_keys_on_every_address(string form)
    {
        var folder = Directory.CreateTempSubdirectory("activity-tls-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=activity", key, HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var path = Path.Combine(folder.FullName, $"activity.{form}");
            var keyPath = Path.Combine(folder.FullName, "activity.key");
            var content = form == "pfx" ? certificate.Export(X509ContentType.Pfx, "secret") : Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
            await File.WriteAllBytesAsync(path, content, Cancel);
            await File.WriteAllTextAsync(keyPath, key.ExportPkcs8PrivateKeyPem(), Cancel);
            await using var api = await ApiProcess.StartAsync(
                await world.CreateDatabaseAsync(), "127.0.0.1:9",
                ("Access__ApiKeys", "true"),
                ("Kestrel__Endpoints__Https__Url", "https://0.0.0.0:0"),
                ("Kestrel__Endpoints__Https__Certificate__Path", path),
                form == "pfx" ? ("Kestrel__Endpoints__Https__Certificate__Password", "secret") : ("Kestrel__Endpoints__Https__Certificate__KeyPath", keyPath));
            using var client = new HttpClient(new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == certificate.GetCertHashString(),
                },
            })
            {
                BaseAddress = new UriBuilder(api.Address) { Host = "127.0.0.1" }.Uri,
            };

            using var alive = await client.GetAsync("/alive", Cancel);
            using var summary = await client.GetAsync("/api/summary", Cancel);

            Assert.Equal("https", api.Address.Scheme);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (alive.StatusCode, summary.StatusCode));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
