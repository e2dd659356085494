using System.Text;
using System.Text.Json;
using Analytics.Api.Access;
using Analytics.Api.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Extensions;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Analytics.Api.Assistant;

/// <summary>Answers an assistant's calls by the endpoints that answer everybody: the same parameters, refusals, limits, scopes and log.</summary>
internal static class AssistantCalls
{
    // What an assistant can read; more is refused, not cut.
    private const int MostBytes = 256 << 10;

    public static ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken cancellationToken)
    {
        var endpoints = request.Services!.GetRequiredService<EndpointDataSource>();
        return ValueTask.FromResult(new ListToolsResult { Tools = [.. AssistantTool.All.Select(tool => tool.Describe(endpoints))] });
    }

    public static async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        var name = request.Params?.Name ?? "";
        var tool = AssistantTool.All.FirstOrDefault(tool => tool.Name == name)
            ?? throw new McpProtocolException(
                $"There is no tool \"{name}\"{Nearest.Question(name, AssistantTool.All.Select(tool => tool.Name))}", McpErrorCode.InvalidParams);
        var http = request.Services!.GetRequiredService<IHttpContextAccessor>().HttpContext!;
        var endpoint = tool.Of(http.RequestServices.GetRequiredService<EndpointDataSource>());
        var arguments = (request.Params!.Arguments ?? new Dictionary<string, JsonElement>())
            .Where(argument => argument.Value.ValueKind is not JsonValueKind.Null).ToDictionary(argument => argument.Key, argument => TextOf(argument.Value));
        http.NoteForAudit(arguments.TryGetValue("query", out var sql) ? StatementText.WithoutConstants(sql) : $"the tool {tool.Name}");
        if (await MissingScopeAsync(http, endpoint) is { } scope)
        {
            return Failure($"This login has not the scope {scope}, which the tool {tool.Name} needs.");
        }

        var (status, text) = await AskAsync(http, endpoint, arguments, cancellationToken);
        return status >= StatusCodes.Status400BadRequest ? Failure(text) : new CallToolResult { Content = [new TextContentBlock { Text = text }] };
    }

    private static async Task<string?> MissingScopeAsync(HttpContext http, RouteEndpoint endpoint)
    {
        var authorization = http.RequestServices.GetRequiredService<IAuthorizationService>();
        foreach (var policy in endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(asked => asked.Policy!))
        {
            if (!(await authorization.AuthorizeAsync(http.User, http, policy)).Succeeded)
            {
                return policy;
            }
        }

        return null;
    }

    /// <summary>Runs an endpoint as a GET with these arguments would.</summary>
    /// <returns>The status, and the answer's text or the sentence that says what is wrong.</returns>
    private static async Task<(int Status, string Text)> AskAsync(
        HttpContext http, RouteEndpoint endpoint, Dictionary<string, string> arguments, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var inner = new DefaultHttpContext
        {
            RequestServices = http.RequestServices,
            User = http.User,
            TraceIdentifier = http.TraceIdentifier,
            RequestAborted = cancellationToken,
        };
        inner.SetEndpoint(endpoint);
        inner.Request.Method = HttpMethods.Get;
        var query = new QueryBuilder();
        foreach (var (name, value) in arguments)
        {
            if (endpoint.RoutePattern.GetParameter(name) is not null)
            {
                inner.Request.RouteValues[name] = value;
            }
            else
            {
                query.Add(name, value);
            }
        }

        inner.Request.QueryString = query.ToQueryString();
        inner.Response.Body = body;
        try
        {
            await endpoint.RequestDelegate!(inner);
            await inner.Response.CompleteAsync();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            var (status, detail) = ErrorResponses.Explain(failed);
            var unreadable = failed is BadHttpRequestException ? QueryParameters.UnreadableParameter(inner.Request, endpoint, inner.Request.RouteValues) : null;
            return (status, unreadable ?? detail);
        }

        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        return inner.Response.StatusCode >= StatusCodes.Status400BadRequest ? (inner.Response.StatusCode, DetailOf(text))
            : body.Length > MostBytes
                ? (StatusCodes.Status422UnprocessableEntity,
                    $"The answer has {body.Length} bytes, and a tool's may have {MostBytes}: ask for less, by filters, limit or sums.")
            : (inner.Response.StatusCode, text);
    }

    private static string DetailOf(string problem)
    {
        using var json = JsonDocument.Parse(problem);
        return json.RootElement.GetProperty("detail").GetString()!;
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static CallToolResult Failure(string sentence) => new() { IsError = true, Content = [new TextContentBlock { Text = sentence }] };
}
