using System.Text;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api;

public sealed class HostileInputTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static readonly string[] Values =
    [
        "0", "-1", "1e400", "NaN", "99999999999999999999", "%00", "a%00b", "%C3%BC", "%F0%9F%98%80", new('a', 300), "'%20or%201=1--", "..%2F..%2Fetc",
        "2018-13-01", "0001-01-01", "9999-12-31", "true", "null", "%5B%5D", "%FF", "%F0%28", "learning-git", "Europe/Berlin", "+5", "%D9%A3", "a,b",
    ];

    private static readonly byte[][] Bodies =
    [
        [], "{}"u8.ToArray(), "["u8.ToArray(), [0xff, 0xfe], Encoding.UTF8.GetBytes(new string('[', 100_000)), "null"u8.ToArray(),
        """{"keen_id":1,"user_exam_id":{}}"""u8.ToArray(), """{"query":"select course, attempts, 1.5 as d from courses"}"""u8.ToArray(), "select 1 / 0"u8.ToArray(), [0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3, 4],
    ];

    [Theory]
    [InlineData(1, 15)]
    [InlineData(1, 60, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData(2, 60, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Whatever_is_sent_the_answer_is_what_the_document_says_and_no_failure_of_ours(int seed, int requestsPerOperation)
    {
        var random = new Random(seed);
        var document = await world.Api.GetAsync("/openapi/v1.json");
        foreach (var (path, operations) in document["paths"]!.AsObject().Where(path => path.Key != "/api/live"))
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                // Where nothing but the shape can be said, there is little to vary.
                var requests = method == "get" && operation!["parameters"]?.AsArray().All(
                    parameter => (string)parameter!["name"]! == "format") is not false ? 2 : requestsPerOperation;
                for (var i = 0; i < requests; i++)
                {
                    await SendAsync(method, Address(path, operation!, random), operation!, document, random);
                }
            }
        }
    }

    private static string Address(string path, JsonNode operation, Random random)
    {
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            var (name, place) = ((string)parameter!["name"]!, (string)parameter["in"]!);
            var value = parameter["schema"]!["enum"]?.AsArray() is { } known && random.Next(2) == 0
                ? (string)known[random.Next(known.Count)]!
                : Values[random.Next(Values.Length)];
            if (place == "path")
            {
                path = path.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            }
            else if (place == "query" && random.Next(2) == 0)
            {
                query.Add($"{name}={value}");
            }
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private async Task SendAsync(string method, string address, JsonNode operation, JsonNode document, Random random)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), address);
        if (method == "post")
        {
            request.Content = new ByteArrayContent(Bodies[random.Next(Bodies.Length)]);
            request.Content.Headers.ContentType = random.Next(3) switch { 0 => null, 1 => new("application/json"), _ => new("text/plain") };
            if (random.Next(3) == 0)
            {
                request.Content.Headers.ContentEncoding.Add(random.Next(2) == 0 ? "gzip" : "zstd");
            }
        }

        using var response = await world.Api.Client.SendAsync(request, cancel);
        var body = await response.Content.ReadAsStringAsync(cancel);
        Assert.True((int)response.StatusCode < 500, $"{method} {address} answered {(int)response.StatusCode}: {body}");
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);

        var documented = operation["responses"]![$"{(int)response.StatusCode}"];
        Assert.True(documented is not null, $"{method} {address} answered {(int)response.StatusCode}, which is not documented: {body}");
        if (response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" && body.Length > 0)
        {
            var schema = documented["content"]![response.Content.Headers.ContentType.MediaType]!["schema"]!;
            Assert.Null(AnswerSchema.Complaint(JsonNode.Parse(body), schema, document, $"{method} {address}: $"));
        }
    }
}
