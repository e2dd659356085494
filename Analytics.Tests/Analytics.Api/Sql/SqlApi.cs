using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Analytics.Tests.Native.Hosting;
using Npgsql;

namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>The small world with answers, behind an API that is asked by SQL, and the server below it.</summary>
public sealed class SqlApi(PostgresProcess postgres) : IAsyncLifetime
{
    // Two attempts of git-a answer its two questions; q1 has two options, the first is right.
    private const string Answers = """
        insert into item_options (item_id, option_id, is_correct) values (1, 'right', true), (1, 'wrong', false), (2, 'only', true);
        update events set total = 5, correct = 3, ended_at = started_at + interval '90.5 seconds' where user_exam_id = 'a2';
        update events set redeliveries = 2, item_ids = '{1,2}', results = '{305,172}', option_ends = '{2,3}', item_option_ids = '{1,2,3}', option_marks = '\x080704',
          answered_at = '{2018-01-01T10:01:00Z,2018-01-01T10:02:00Z,null}' where user_exam_id = 'a1';
        update events set item_ids = '{1}', results = '{298}', option_ends = '{2}', item_option_ids = '{2,1}', option_marks = '\x0807',
          answered_at = '{2018-01-02T10:01:00Z,null}' where user_exam_id = 'a2';
        """;

    private ApiServer? _api;
    private string? _database;

    public ApiServer Api => _api!;

    /// <summary>The connection string of the owner.</summary>
    public string Database => _database!;

    public async ValueTask InitializeAsync()
    {
        _database = await CreateDatabaseAsync();
        _api = new ApiServer(_database);
        await _api.ExecuteAsync(SmallWorld.Sql + Answers);
    }

    /// <summary>Makes a database with tables and no rows.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync() => postgres.CreateMigratedDatabaseAsync();

    public async Task<JsonArray> AskAsync(string sql)
    {
        var (status, answer) = await SendAsync(Api.Client, sql);
        Assert.True(status == HttpStatusCode.OK, $"{sql} answered {(int)status}: {answer}");
        return answer["rows"]!.AsArray();
    }

    /// <summary>Asks for what must be refused.</summary>
    /// <returns>The problem.</returns>
    public async Task<JsonNode> RefusedAsync(string sql, HttpStatusCode expected = HttpStatusCode.BadRequest)
    {
        var (status, problem) = await SendAsync(Api.Client, sql);
        Assert.True(status == expected, $"{sql} answered {(int)status}: {problem}");
        return problem;
    }

    public static async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(HttpClient client, string sql)
    {
        using var content = new StringContent(sql, Encoding.UTF8, "application/sql");
        using var response = await client.PostAsync("/api/sql", content, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    /// <summary>The role's own session, as one who knows its password would have it: no rules of ours in between.</summary>
    public async Task<NpgsqlConnection> OpenAsReaderAsync()
    {
        await AskAsync("select 1");
        var settings = new NpgsqlConnectionStringBuilder(Database);
        await using var owner = NpgsqlDataSource.Create(Database);
        await using var command = owner.CreateCommand("select 'activity_sql_' || oid from pg_database where datname = current_database()");
        settings.Username = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        // It may not read about types.
        var source = new NpgsqlDataSourceBuilder(WithDerivedPassword(settings)).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();
        return await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    private static string WithDerivedPassword(NpgsqlConnectionStringBuilder settings)
    {
        var secret = Encoding.UTF8.GetBytes(settings.Password!);
        settings.Password = Convert.ToHexStringLower(
            System.Security.Cryptography.HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"activity-sql password {settings.Username}")));
        settings.Pooling = false;
        return settings.ConnectionString;
    }
}
