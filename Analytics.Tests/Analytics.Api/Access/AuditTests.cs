using System.Text;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class AuditTests(SmallWorldApi world, KafkaServer kafka) : IClassFixture<SmallWorldApi>
{
    private static readonly (string Sql, string? Expected)[] Statements =
    [
        ("select 1", "select ?"),
        ("select  user_id\n from attempts -- Jane\n where q1 = 12.5e-3 and x='O''Brien'", "select user_id from attempts where q1 = ? and x=?"),
        ("select E'a\\'b', N'x', U&'\\0061', date'2018-01-01', text'a\\' || 'Jane'", "select ?, ?, ?, date?, text? || ?"),
        ("select $$Jane$$, $q$ it's $$ Jane $q$, a$b$c from t", "select ?, ?, a$b$c from t"),
        ("select /* /* */ ' */ 'Jane' as \"the 'name' 7\"", "select ? as \"the 'name' 7\""),
        ("select 'Jane", "select ?"),
        ("select $$Jane", "select ?"),
        ("select 1 /* Jane", "select ?"),
        ("select E'Jane\\", "select ?"),
        (string.Concat(Enumerable.Repeat("x+", 1500)), $"{string.Concat(Enumerable.Repeat("x+", 1000))}…"),
        // Made to be slow to read.
        (Repeat("/*"), ""), (Repeat("/**/"), ""), (Repeat("--"), ""), (Repeat("'"), "?"), (Repeat("$"), null), (Repeat("$a$"), null), (Repeat("e'\\"), null),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statements_and_writes_are_logged_with_who_what_and_outcome_refused_ones_too_and_without_a_persons_data()
    {
        var database = await world.CreateDatabaseAsync();
        await using (var setup = new ApiServer(database))
        {
            await setup.ExecuteAsync(SmallWorld.Sql);
            await GuardedApi.AddKeyAsync(setup, "auditor", "sql");
            await GuardedApi.AddKeyAsync(setup, "sender", "write");
        }

        await using var api = await ApiProcess.StartAsync(
            database, await kafka.AddressAsync(),
            ("Access__ApiKeys", "true"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("Ingest__Topic", await kafka.CreateTopicAsync()));
        using var client = new HttpClient { BaseAddress = api.Address };

        using var statement = new StringContent("select attempts from courses where course <> 'Jane Doe'", Encoding.UTF8, "text/plain");
        await SendAsync(HttpMethod.Post, "/api/sql", "auditor", statement);
        var line = await LineAsync();
        Assert.Matches(@"^2\S+\+00:00 key auditor \[sql\] POST /api/sql: select attempts from courses where course <> \?; answered 200 after \d+ ms$", line);

        await SendAsync(HttpMethod.Get, "/api/sql?query=select%201", "sender");
        Assert.Contains("key sender [sql] GET /api/sql: not carried through; answered 403", await LineAsync(), StringComparison.Ordinal);

        await SendAsync(HttpMethod.Post, "/api/events", "sender", GuardedApi.Event());
        Assert.Contains("key sender [write] POST /api/events: 1 events accepted, 0 refused; answered 200", await LineAsync(), StringComparison.Ordinal);

        await SendAsync(HttpMethod.Post, "/api/dead-letters/1/replay", key: null);
        Assert.Contains("nobody [admin] POST /api/dead-letters/1/replay: not carried through; answered 401", await LineAsync(), StringComparison.Ordinal);

        async Task SendAsync(HttpMethod method, string path, string? key, HttpContent? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body };
            request.Headers.Authorization = key is null ? null : new("Bearer", GuardedApi.Key(key));
            using var answer = await client.SendAsync(request, Cancel);
        }

        async Task<string> LineAsync()
        {
            await api.SaysAsync("Audit[120]");
            return (await api.SaysAsync("answered")).Trim();
        }
    }

    private static string Repeat(string part) => string.Concat(Enumerable.Repeat(part, 20_000 / part.Length));

    [Fact]
    public async Task A_statement_is_logged_as_one_line_without_its_constants_and_comments()
    {
        await using var api = await ApiProcess.StartAsync(await world.CreateDatabaseAsync(), "127.0.0.1:9", ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        using var client = new HttpClient { BaseAddress = api.Address };

        foreach (var (sql, expected) in Statements)
        {
            using var answer = await client.PostAsync("/api/sql", new StringContent(sql, Encoding.UTF8, "application/sql"), Cancel);
            await api.SaysAsync("Audit[120]");
            var line = await api.SaysAsync("answered");
            Assert.Contains(expected is null ? "" : $"this machine [sql] POST /api/sql: {expected}; answered", line, StringComparison.Ordinal);
        }
    }
}
