using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Access;

/// <summary>Checks at start who may ask: the API does not listen where others could reach it without a login.</summary>
internal sealed class AccessValidation(IConfiguration configuration) : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        string[] complaints = [.. UnknownSettings(), .. Origins(options), .. Limit(options), .. Tokens(), .. Addresses(options), .. Certificates()];
        return complaints.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }

    // A mistyped setting must not leave open what it was to close.
    private IEnumerable<string> UnknownSettings()
    {
        string[] known = [.. typeof(AccessOptions).GetProperties().Select(property => property.Name)];
        return configuration.GetSection(AccessOptions.Section).GetChildren()
            .Where(setting => !known.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .Select(setting => $"There is no setting {setting.Path}: there are {string.Join(", ", known.Select(name => $"{AccessOptions.Section}:{name}"))}.");
    }

    private static IEnumerable<string> Origins(AccessOptions options) => options.Origins
        .Where(origin => !IsOrigin(origin))
        .Select(origin => $"Access:Origins holds \"{origin}\": an origin is a scheme and a host, and a port if it is not the usual one, "
            + "as https://example.org, in lower case and without a path.");

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;

    private static IEnumerable<string> Limit(AccessOptions options) =>
        options.RequestsPerMinute is < 1 ? ["Access:RequestsPerMinute must be 1 at least; leave it out for the usual limit."] : [];

    private IEnumerable<string> Tokens()
    {
        if (!Login.TakesTokens(configuration))
        {
            yield break;
        }

        // JwtBearer would say so with the first token, and refuse it.
        var tokens = configuration.GetSection(Login.TokenSection);
        var authority = tokens["Authority"];
        if (authority is null && !tokens.GetSection("SigningKeys").Exists())
        {
            yield return
                $"{Login.TokenSection}:Authority is missing: it is the address of the OpenID Connect issuer, as https://login.example.org.";
        }
        else if (authority is not null && !(Uri.TryCreate(authority, UriKind.Absolute, out var uri)
            && (uri.Scheme == "https" || (uri.Scheme == "http" && tokens["RequireHttpsMetadata"]?.ToLowerInvariant() == "false"))))
        {
            yield return $"{Login.TokenSection}:Authority must be an address that begins with https://, not \"{authority}\".";
        }

        if (string.IsNullOrEmpty(tokens["ValidAudience"]) && !tokens.GetSection("ValidAudiences").GetChildren().Any())
        {
            yield return
                $"{Login.TokenSection}:ValidAudience is missing: it names this API in the tokens' claim aud, so that those for others are no good here.";
        }
    }

    private IEnumerable<string> Addresses(AccessOptions options)
    {
        try
        {
            var open = ListenAddresses.Of(configuration).FirstOrDefault(address => !address.IsLoopback());
            return open is null || options.ApiKeys || Login.TakesTokens(configuration)
                ? []
                : [$"{open} can be reached from other machines, and no login is configured: listen on localhost, "
                    + $"or set Access:ApiKeys=true or {Login.TokenSection}."];
        }
        catch (FormatException wrong)
        {
            return [wrong.Message];
        }
    }

    // Kestrel loads them when it starts to listen, and says what is wrong with a stack trace.
    private IEnumerable<string> Certificates() => configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Select(endpoint => endpoint.GetSection("Certificate"))
        .Concat(configuration.GetSection("Kestrel:Certificates").GetChildren())
        .Select(CertificateComplaint)
        .OfType<string>();

    private static string? CertificateComplaint(IConfigurationSection certificate)
    {
        if (certificate["Path"] is not { Length: > 0 } path)
        {
            return null;
        }

        try
        {
            using var loaded = (certificate["KeyPath"], certificate["Password"]) switch
            {
                ({ } key, { } password) => X509Certificate2.CreateFromEncryptedPemFile(path, password, key),
                ({ } key, null) => X509Certificate2.CreateFromPemFile(path, key),
                var (_, password) => X509CertificateLoader.LoadPkcs12FromFile(path, password),
            };
            return null;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"The certificate that {certificate.Path} names can't be loaded: {wrong.Message.TrimEnd('.')}.";
        }
    }
}
