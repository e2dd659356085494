using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Analytics.Api.Access;

/// <summary>The verb <c>keys</c>: makes, lists and revokes the keys of the database that <c>ConnectionStrings:activity</c> names.</summary>
internal static partial class KeysCommand
{
    public const string Verb = "keys";

    private const int Done = 0;
    private const int DatabaseFailed = 1;
    private const int WrongCall = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var keys = Create();
        var parsed = new RootCommand("Answers questions about assessment attempts over HTTP.") { keys }.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync();
        }

        var complaint = parsed.CommandResult.Command == keys ? $"{Verb} is followed by add, list or revoke." : parsed.Errors[0].Message;
        return await FailAsync(WrongCall, $"{complaint} See {Verb} --help.");
    }

    private static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "What the key is called in lists and in the audit log; no person's name." };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !KeyName().IsMatch(token.Value))
            {
                result.AddError("A key's name is 1 to 100 letters, digits, dots, underscores or hyphens.");
            }
        });
        var scopes = new Option<string[]>("--scope") { Description = "What the key may do, once for each: read, sql, write or admin.", Required = true };
        scopes.CompletionSources.Add(Scopes.All);
        scopes.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !Scopes.All.Contains(token.Value)) is { } wrong)
            {
                result.AddError($"--scope is read, sql, write or admin, not {wrong.Value}.");
            }
        });
        var expires = new Option<string?>("--expires") { Description = "The day from which on it is refused (UTC), as 2027-01-31; never if left out." };
        expires.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TryReadDay(token.Value, out _))
            {
                result.AddError($"--expires is a day to come, as 2027-01-31, not {token.Value}.");
            }
        });

        var add = new Command("add", "Makes a key and prints it, once.") { name, scopes, expires };
        add.SetAction((parsed, cancellationToken) => WithKeysAsync(
            keys => AddAsync(keys, parsed.GetRequiredValue(name), parsed.GetRequiredValue(scopes), parsed.GetValue(expires), cancellationToken)));
        var list = new Command("list", "Lists the keys, revoked ones too.");
        list.SetAction((_, cancellationToken) => WithKeysAsync(keys => ListAsync(keys, cancellationToken)));
        var revoke = new Command("revoke", "Revokes a key, at once and for good.") { name };
        revoke.SetAction((parsed, cancellationToken) => WithKeysAsync(keys => RevokeAsync(keys, parsed.GetRequiredValue(name), cancellationToken)));
        return new Command(Verb, "Makes, lists and revokes keys for the API, in the database that ConnectionStrings:activity names.") { add, list, revoke };
    }

    private static async Task<int> AddAsync(ApiKeys keys, string name, string[] scopes, string? expires, CancellationToken cancellationToken)
    {
        DateTimeOffset? end = expires is not null && TryReadDay(expires, out var day) ? day : null;
        if (await keys.AddAsync(name, [.. Scopes.All.Intersect(scopes)], end, cancellationToken) is not { } key)
        {
            return await FailAsync(WrongCall, $"There is a key {name} already: revoke it, or choose another name.");
        }

        await Console.Error.WriteLineAsync("Keep this key: it can't be shown again. It is sent as Authorization: Bearer KEY.");
        await Console.Out.WriteLineAsync(key);
        return Done;
    }

    private static async Task<int> ListAsync(ApiKeys keys, CancellationToken cancellationToken)
    {
        const string Columns = "{0,-24} {1,-12} {2,-20} {3,-17} {4,-17} {5,-17} {6}";
        await Console.Out.WriteLineAsync(
            string.Format(CultureInfo.InvariantCulture, Columns, "NAME", "ID", "SCOPES", "CREATED", "EXPIRES", "LAST USED", "REVOKED"));
        foreach (var key in await keys.ListAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync(string.Format(
                CultureInfo.InvariantCulture, Columns, key.Name, key.Id, string.Join(',', key.Scopes),
                Text(key.CreatedAt), Text(key.ExpiresAt), Text(key.LastUsedAt), Text(key.RevokedAt)).TrimEnd());
        }

        return Done;

        static string Text(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "-";
    }

    private static async Task<int> RevokeAsync(ApiKeys keys, string name, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(name, cancellationToken)
            ? Done
            : await FailAsync(WrongCall, $"There is no key {name} to revoke: {Verb} list shows those there are.");

    private static async Task<int> WithKeysAsync(Func<ApiKeys, Task<int>> act)
    {
        if (WebApplication.CreateBuilder().Configuration.GetConnectionString("activity") is not { Length: > 0 } connectionString)
        {
            return await FailAsync(WrongCall, "ConnectionStrings:activity is missing: set ConnectionStrings__activity to the database's connection string.");
        }

        try
        {
            await using var database = NpgsqlDataSource.Create(connectionString);
            return await act(new ApiKeys(database, TimeProvider.System));
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return await FailAsync(DatabaseFailed, "The database has no table of keys yet: the ingest worker makes it when it starts.");
        }
        catch (Exception failed) when (failed is NpgsqlException or ArgumentException)
        {
            return await FailAsync(DatabaseFailed, $"The database of ConnectionStrings:activity can't be asked: {failed.Message}");
        }
    }

    private static bool TryReadDay(string text, out DateTimeOffset day) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out day)
        && day > TimeProvider.System.GetUtcNow();

    private static async Task<int> FailAsync(int exitCode, string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return exitCode;
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex KeyName();
}
