using System.Net;
using System.Net.Http.Headers;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class KeysCommandTests(GuardedApi guarded, SmallWorldApi world) : IClassFixture<GuardedApi>, IClassFixture<SmallWorldApi>
{
    private const string NoDatabase = "Host=127.0.0.1;Port=9;Username=a;Database=a";

    [Fact]
    public async Task A_key_is_made_used_listed_and_revoked()
    {
        var database = await world.CreateDatabaseAsync();
        var setting = ("ConnectionStrings__activity", database);
        await using var api = new ApiServer(database, settings: ("Access:ApiKeys", "true"));

        var added = await ApiProcess.RunAsync(["keys", "add", "nightly-report", "--scope", "read", "--scope", "sql", "--expires", "2999-01-31"], setting);
        Assert.Equal(0, added.ExitCode);
        Assert.Matches("^activity_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}$", added.Output);
        Assert.Equal(HttpStatusCode.OK, await AskAsync());

        var twice = await ApiProcess.RunAsync(["keys", "add", "nightly-report", "--scope", "read"], setting);
        Assert.Equal((2, ""), (twice.ExitCode, twice.Output));
        Assert.Contains("There is a key nightly-report already", twice.Error, StringComparison.Ordinal);

        var listed = await ApiProcess.RunAsync(["keys", "list"], setting);
        Assert.Matches(@"nightly-report +\w{12} +read,sql +20\d\d-\S+ \S+Z +2999-01-31 00:00Z +20\d\d-\S+ \S+Z +-$", listed.Output);
        Assert.DoesNotContain(added.Output, listed.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await ApiProcess.RunAsync(["keys", "revoke", "nightly-report"], setting)).ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync());
        Assert.Equal(2, (await ApiProcess.RunAsync(["keys", "revoke", "nightly-report"], setting)).ExitCode);

        async Task<HttpStatusCode> AskAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ingest");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", added.Output);
            using var answer = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task The_table_holds_no_key()
    {
        // An error, should there be a row that holds it.
        await guarded.Api.ExecuteAsync($"select 1 / (case when api_keys::text like '%{GuardedApi.Key("read")[^43..]}%' then 0 else 1 end) from api_keys");
    }

    [Theory]
    [InlineData("add x", "'--scope' is required")]
    [InlineData("add x --scope all", "--scope is read, sql, write or admin, not all.")]
    [InlineData("add a:b --scope read", "A key's name is 1 to 100 letters")]
    [InlineData("add x --scope read --expires tomorrow", "--expires is a day to come")]
    [InlineData("add x --scope read --expires 2001-01-01", "--expires is a day to come")]
    [InlineData("remove x", "keys is followed by add, list or revoke")]
    public async Task A_wrong_call_is_one_sentence_and_exit_code_2(string arguments, string sentence)
    {
        var (exitCode, output, error) = await ApiProcess.RunAsync(["keys", .. arguments.Split(' ')], ("ConnectionStrings__activity", NoDatabase));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task A_database_that_is_missing_away_or_without_the_table_is_said_so()
    {
        Assert.Contains("set ConnectionStrings__activity", await FailAsync(2, ""), StringComparison.Ordinal);
        Assert.Contains("can't be asked", await FailAsync(1, NoDatabase), StringComparison.Ordinal);
        Assert.Contains("the ingest worker makes it", await FailAsync(1, await world.CreateBareDatabaseAsync()), StringComparison.Ordinal);

        static async Task<string> FailAsync(int exitCode, string database)
        {
            var result = await ApiProcess.RunAsync(["keys", "list"], ("ConnectionStrings__activity", database));
            Assert.Equal(exitCode, result.ExitCode);
            Assert.DoesNotContain('\n', result.Error);
            return result.Error;
        }
    }
}
