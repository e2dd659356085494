using System.Security.Cryptography;
using System.Text;

namespace Analytics.Api.Access;

/// <summary>A key as the table has it: all but the key itself.</summary>
internal sealed record ApiKey(
    string Id, string Name, string[] Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt)
{
    private const string Prefix = "activity_";
    private const int IdLength = 12;
    private const int SecretLength = 43; // 62^43 is about 2^256, so a plain hash can't be guessed at.
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes a key: <c>activity_ID_SECRET</c>, where the id finds its row and the prefix lets scanners of leaked secrets know it.</summary>
    public static string Make() =>
        $"{Prefix}{RandomNumberGenerator.GetString(Letters, IdLength)}_{RandomNumberGenerator.GetString(Letters, SecretLength)}";

    /// <summary>The id in a key; null if it has not the form of one.</summary>
    public static string? IdOf(string key) =>
        key.Length == Prefix.Length + IdLength + 1 + SecretLength && key.StartsWith(Prefix, StringComparison.Ordinal) && key[Prefix.Length + IdLength] == '_'
        && key.All(char.IsAscii)
            ? key.Substring(Prefix.Length, IdLength)
            : null;

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    /// <summary>Why the key is no good any more; null if it is.</summary>
    public string? Complaint(DateTimeOffset now) => this switch
    {
        { RevokedAt: { } revoked } => $"The key {Name} was revoked at {revoked:u}.",
        { ExpiresAt: { } expires } when expires <= now => $"The key {Name} expired at {expires:u}.",
        _ => null,
    };
}
