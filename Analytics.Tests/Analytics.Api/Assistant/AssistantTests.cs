using System.Text.Json.Nodes;
using Analytics.Tests.Analytics.Api.Access;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Analytics.Tests.Analytics.Api.Assistant;

/// <summary>The Model Context Protocol, spoken by its own SDK's client.</summary>
public sealed class AssistantTests(SmallWorldApi world, GuardedApi guarded) : IClassFixture<SmallWorldApi>, IClassFixture<GuardedApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tools_are_the_questions_of_the_API_with_their_parameters()
    {
        await using var client = await ConnectAsync(world.Api);

        var tools = (await client.ListToolsAsync(cancellationToken: Cancel)).ToDictionary(tool => tool.Name);

        Assert.Superset(new HashSet<string> { "summary", "courses", "questions", "students", "report", "schema", "sql" }, tools.Keys.ToHashSet());
        Assert.All(tools.Values, tool => Assert.False(string.IsNullOrWhiteSpace(tool.Description)));
        var questions = JsonNode.Parse(tools["questions"].JsonSchema.GetRawText())!;
        Assert.Equal(["slug"], questions["required"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(["slug", "exam", "version", "from", "to", "tz", "user", "take"], questions["properties"]!.AsObject().Select(property => property.Key));
        Assert.Equal(["all", "first", "best", "last"], questions["properties"]!["take"]!["enum"]!.AsArray().Select(value => (string)value!));
        Assert.Contains("A message is", client.ServerInstructions ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("summary", "", "/api/summary")]
    [InlineData("summary", "course=learning-git&passMark=80.5", "/api/summary?course=learning-git&passMark=80.5")]
    [InlineData("course", "slug=learning-git&take=best", "/api/courses/learning-git?take=best")]
    [InlineData("starts", "period=day&from=2018-01-02", "/api/attempts/by/day?from=2018-01-02")]
    [InlineData("attempts", "limit=2", "/api/attempts?limit=2")]
    [InlineData("schema", "", "/api/schema")]
    [InlineData("sql", "query=select course, attempts from courses order by 1", "/api/sql?query=select course, attempts from courses order by 1")]
    public async Task A_tool_answers_what_its_address_answers(string tool, string arguments, string path)
    {
        await using var client = await ConnectAsync(world.Api);

        var (isError, text) = await CallAsync(client, tool, arguments);

        Assert.False(isError, text);
        Assert.Equal((await world.Api.GetAsync(path)).ToJsonString(), JsonNode.Parse(text)!.ToJsonString());
    }

    [Theory]
    [InlineData("summary", "course=lerning-git", "did you mean learning-git?")]
    [InlineData("summary", "take=frist", "did you mean first?")]
    [InlineData("summary", "corse=x", "did you mean course?")]
    [InlineData("questions", "slug=learning-git&passMark=7", "says nothing here")]
    [InlineData("attempts", "limit=many", "a whole number is expected")]
    [InlineData("student", "id=nobody", "There is no student")]
    [InlineData("sql", "query=delete from attempts", "select")]
    [InlineData("sql", "query=select * from public.api_keys", "api_keys")]
    public async Task What_the_API_refuses_the_tool_refuses_with_the_same_sentence(string tool, string arguments, string part)
    {
        await using var client = await ConnectAsync(world.Api);

        var (isError, text) = await CallAsync(client, tool, arguments);

        Assert.True(isError, text);
        Assert.Contains(part, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_report_comes_as_text_and_an_unknown_tool_is_an_error_of_the_protocol()
    {
        await using var client = await ConnectAsync(world.Api);

        Assert.StartsWith("# ", (await CallAsync(client, "report", "")).Text, StringComparison.Ordinal);
        Assert.Contains("did you mean summary?", (await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync(client, "sumary", ""))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_needs_the_scopes_of_SQL_and_of_what_a_tool_asks()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(guarded.Api));
        await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(guarded.Api, GuardedApi.Key("read")));

        await using var sql = await ConnectAsync(guarded.Api, GuardedApi.Key("sql"));
        Assert.False((await CallAsync(sql, "sql", "query=select 1 as one")).IsError);
        var (isError, refusal) = await CallAsync(sql, "summary", "");
        Assert.True(isError);
        Assert.Equal("This login has not the scope read, which the tool summary needs.", refusal);

        await using var admin = await ConnectAsync(guarded.Api, GuardedApi.Key("admin"));
        Assert.False((await CallAsync(admin, "summary", "")).IsError);
    }

    private static async Task<McpClient> ConnectAsync(ApiServer api, string? key = null)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(api.Client.BaseAddress!, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
        });
        return await McpClient.CreateAsync(transport, cancellationToken: Cancel);
    }

    // Arguments as in an address; numbers as numbers.
    private static async Task<(bool IsError, string Text)> CallAsync(McpClient client, string tool, string arguments)
    {
        var values = arguments.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(argument => argument.Split('=', 2))
            .ToDictionary(argument => argument[0], argument => double.TryParse(argument[1], out var number) ? number : (object?)argument[1]);
        var result = await client.CallToolAsync(tool, values, cancellationToken: Cancel);
        return (result.IsError is true, Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text);
    }
}
