using System.Security.Cryptography;
using Npgsql;

namespace Analytics.Api.Access;

/// <summary>The keys in the table <c>api_keys</c>, asked on every request: one revoked is refused at once.</summary>
internal sealed class ApiKeys(NpgsqlDataSource database, TimeProvider time)
{
    private const string Columns = "key_id, name, scopes, created_at, expires_at, last_used_at, revoked_at";

    // Often enough to tell a key in use from a forgotten one.
    private static readonly TimeSpan LastUsePrecision = TimeSpan.FromMinutes(1);

    /// <summary>Makes a key.</summary>
    /// <returns>The key itself, which is kept nowhere; null if the name is another key's.</returns>
    public async Task<string?> AddAsync(string name, string[] scopes, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        var key = ApiKey.Make();
        await using var command = database.CreateCommand("""
            insert into api_keys (key_id, name, key_hash, scopes, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (name) where revoked_at is null do nothing
            """);
        command.Parameters.Add(new() { Value = ApiKey.IdOf(key) });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = ApiKey.Hash(key) });
        command.Parameters.Add(new() { Value = scopes });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        command.Parameters.Add(new() { Value = (object?)expires ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? key : null;
    }

    /// <summary>All keys, revoked ones too, the newest last.</summary>
    public async Task<List<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from api_keys order by created_at, key_id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<ApiKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(Read(reader));
        }

        return keys;
    }

    /// <summary>Revokes the key of this name, for good.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RevokeAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update api_keys set revoked_at = $2 where name = $1 and revoked_at is null");
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Finds the row of a key that somebody sent, and notes its use.</summary>
    /// <returns>The row, or why the key is no good.</returns>
    public async Task<(ApiKey? Key, string? Complaint)> FindAsync(string key, CancellationToken cancellationToken)
    {
        const string Unknown = "The key is unknown: `keys list` shows those there are.";
        if (ApiKey.IdOf(key) is not { } id)
        {
            return (null, "What was sent as the key is none: one begins with activity_ and has 65 characters.");
        }

        var now = time.GetUtcNow();
        ApiKey found;
        await using (var command = database.CreateCommand($"select {Columns}, key_hash from api_keys where key_id = $1"))
        {
            command.Parameters.Add(new() { Value = id });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken)
                || !CryptographicOperations.FixedTimeEquals(reader.GetFieldValue<byte[]>(reader.GetOrdinal("key_hash")), ApiKey.Hash(key)))
            {
                return (null, Unknown);
            }

            found = Read(reader);
        }

        if (found.Complaint(now) is { } complaint)
        {
            return (null, complaint);
        }

        if (found.LastUsedAt is not { } last || now - last >= LastUsePrecision)
        {
            await using var note = database.CreateCommand("update api_keys set last_used_at = $2 where key_id = $1");
            note.Parameters.Add(new() { Value = id });
            note.Parameters.Add(new() { Value = now });
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        return (found, null);
    }

    private static ApiKey Read(NpgsqlDataReader row)
    {
        return new ApiKey(
            row.GetString(row.GetOrdinal("key_id")), row.GetString(row.GetOrdinal("name")), row.GetFieldValue<string[]>(row.GetOrdinal("scopes")),
            row.GetFieldValue<DateTimeOffset>(row.GetOrdinal("created_at")), Time("expires_at"), Time("last_used_at"), Time("revoked_at"));

        DateTimeOffset? Time(string column) => row.GetFieldValue<DateTimeOffset?>(row.GetOrdinal(column));
    }
}
