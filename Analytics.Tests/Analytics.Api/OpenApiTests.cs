using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Analytics.Api;

public sealed class OpenApiTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task Every_operation_is_documented_whole()
    {
        var document = await world.Api.GetAsync("/openapi/v1.json");

        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        var names = new HashSet<string>();
        var tags = document["tags"]!.AsArray().Select(tag => (string)tag!["name"]!).ToHashSet();
        foreach (var (path, operation) in Operations(document))
        {
            Assert.True(names.Add((string)operation["operationId"]!), $"{path} shares its name");
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["summary"]), $"{path} lacks a summary");
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["description"]), $"{path} lacks a description");
            Assert.All(operation["tags"]!.AsArray(), tag => Assert.Contains((string)tag!, tags));
            foreach (var status in (string[])["400", "500", "503"])
            {
                Assert.NotNull(operation["responses"]![status]);
            }

            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                Assert.False(string.IsNullOrWhiteSpace((string?)parameter!["description"]), $"{path} does not describe {parameter["name"]}");
                Assert.True(IsBounded(parameter), $"{path} sets {parameter["name"]} no bounds");
            }
        }
    }

    [Fact]
    public async Task Every_answer_in_JSON_has_an_example()
    {
        foreach (var (path, operation) in Operations(await world.Api.GetAsync("/openapi/v1.json")))
        {
            var content = operation["responses"]!.AsObject()
                .Where(response => response.Key.StartsWith('2'))
                .Select(response => response.Value!["content"]?["application/json"])
                .FirstOrDefault(json => json is not null);
            Assert.True(content is null || content["example"] is not null, $"{path} has no example");
        }
    }

    [Fact]
    public async Task Every_operation_has_a_call_to_try()
    {
        var calls = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "Analytics.Api", "Analytics.Api.http"), TestContext.Current.CancellationToken))
            .Where(line => line.Contains("{{api}}", StringComparison.Ordinal))
            .Select(line => line.Replace("{{api}}", "", StringComparison.Ordinal).Split('?')[0])
            .ToArray();

        foreach (var (path, _) in Operations(await world.Api.GetAsync("/openapi/v1.json")))
        {
            var pattern = $"^{Regex.Replace(path, @"\{\w+\}", "[^/]+")}$";
            Assert.Contains(calls, call => Regex.IsMatch(call, pattern, RegexOptions.IgnoreCase));
        }
    }

    [Fact]
    public async Task The_reference_page_brings_all_it_needs()
    {
        var cancel = TestContext.Current.CancellationToken;
        var page = await world.Api.Client.GetStringAsync("/scalar/", cancel);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        using var script = await world.Api.Client.GetAsync("/scalar/scalar.js", cancel);
        Assert.True(script.IsSuccessStatusCode);
    }

    private static IEnumerable<(string Path, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key} {path.Key}", operation.Value!);

    private static bool IsBounded(JsonNode parameter)
    {
        var schema = parameter["schema"]!;
        return (string)parameter["in"]! == "header" || (string?)schema["type"] switch
        {
            "string" => schema["maxLength"] is not null || schema["enum"] is not null || schema["format"] is not null,
            "integer" or "number" => schema["minimum"] is not null && schema["maximum"] is not null,
            "boolean" => true,
            _ => schema["$ref"] is not null || schema["enum"] is not null,
        };
    }
}
