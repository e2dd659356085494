using Npgsql;

namespace Analytics.Tests.Analytics.Api.Export;

/// <summary>Exports of what came since, whatever the order in which transactions end.</summary>
public sealed class SinceTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_ends_after_an_export_though_it_began_before_is_in_the_next()
    {
        var connectionString = await world.CreateDatabaseAsync();
        await using var api = new ApiServer(connectionString);
        await api.ExecuteAsync("insert into courses (name, slug) values ('Git', 'git'); insert into exams (course_id, base_exam_id) values (1, 'e')");
        await using var database = NpgsqlDataSource.Create(connectionString);

        await using var slow = await database.OpenConnectionAsync(Cancel);
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await ExecuteAsync(slow, Insert("slow"));
        await api.ExecuteAsync(Insert("quick"));

        var (first, since) = await ExportAsync(api, "");
        Assert.Equal(["quick"], first);
        await transaction.CommitAsync(Cancel);
        Assert.Equal(["quick", "slow"], (await ExportAsync(api, $"&since={since}")).Ids.Order(StringComparer.Ordinal)); // Twice is better than never.
    }

    [Fact]
    public async Task An_attempt_whose_newest_event_is_another_one_comes_again()
    {
        var connectionString = await world.CreateDatabaseAsync();
        await using var api = new ApiServer(connectionString);
        await api.ExecuteAsync("insert into courses (name, slug) values ('Git', 'git'); insert into exams (course_id, base_exam_id) values (1, 'e')");
        await api.ExecuteAsync(Insert("a", "old"));
        await api.ExecuteAsync(Insert("b"));
        var since = await AfterAllAsync(connectionString);
        Assert.Empty((await ExportAsync(api, $"&since={since}")).Ids);

        await api.ExecuteAsync($"update events set is_newest = false where keen_id = 'old'; {Insert("a", "new")}");
        Assert.Equal(["a"], (await ExportAsync(api, $"&since={since}")).Ids);

        since = await AfterAllAsync(connectionString);
        // As the worker has it when the newer event turns out to be another attempt's: the older one is written anew.
        await api.ExecuteAsync($"delete from events where user_exam_id = 'a'; {Insert("a", "old")}");
        Assert.Equal(["a"], (await ExportAsync(api, $"&since={since}")).Ids);
    }

    // Next-Since itself may lag behind, as transactions of other databases of the server count too.
    private static async Task<long> AfterAllAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand("select max(ingest_transaction) + 1 from events");
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static string Insert(string attempt, string? keenId = null) =>
        $"insert into events (keen_id, user_exam_id, version, exam_id, certification) values ('{keenId ?? attempt}', '{attempt}', 1, 1, false)";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<(string[] Ids, string Next)> ExportAsync(ApiServer api, string since)
    {
        using var response = await api.Client.GetAsync($"/api/export/attempts?format=csv{since}", Cancel);
        var lines = (await response.Content.ReadAsStringAsync(Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("user_exam_id,", lines[0], StringComparison.Ordinal);
        return ([.. lines.Skip(1).Select(line => line.Split(',')[0])], response.Headers.GetValues("Next-Since").Single());
    }
}
