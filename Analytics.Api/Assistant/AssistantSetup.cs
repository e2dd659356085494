using Analytics.Api.Access;
using ModelContextProtocol.Protocol;

namespace Analytics.Api.Assistant;

/// <summary>A server of the Model Context Protocol over HTTP, without sessions.</summary>
internal static class AssistantSetup
{
    private const string Instructions = """
        Answers about attempts at online exams. A message is one record on Kafka, an attempt one user_exam_id, a student an attempt's user or the attempt
        where it names none: say which you give. Scores and rates are in percent; a figure that is null has a reason beside it.
        Most tools take the same filters: course (a slug, see courses), exam, version, from, to, tz, user, take.
        Prefer the tools to SQL, which is for what they do not answer; see schema before you write a statement.
        """;

    public static void AddAssistant(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddMcpServer(server =>
            {
                server.ServerInfo = new Implementation { Name = "activity", Title = "Activity", Version = "1" };
                server.ServerInstructions = Instructions;
            })
            .WithHttpTransport(transport => transport.Stateless = true)
            .WithListToolsHandler(AssistantCalls.ListAsync)
            .WithCallToolHandler(AssistantCalls.CallAsync);
    }

    /// <summary>One of the tools is SQL, so the whole address needs its scope; each tool needs besides what its endpoint needs.</summary>
    public static void MapAssistant(this IEndpointRouteBuilder app) => app.MapMcp("/mcp").RequireScope(Scopes.Sql);
}
