using System.Text;

namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>docs/reference/sql.md: the functions and types that it lists.</summary>
internal static class SqlReference
{
    private const string Begin = "<!-- made by SqlReferenceTests -->\n";
    private const string End = "<!-- to here -->\n";

    private static readonly string Page = Path.Combine(Repository.Root, "docs", "reference", "sql.md");

    public static IEnumerable<string> Functions() => Lists().SelectMany(list => list.Names);

    public static IEnumerable<string> Types() => Listed("Types: ");

    /// <summary>Has the page's lists be these: with ACTIVITY_WRITE_DOCS=1 they are written, otherwise compared.</summary>
    public static async Task ListsAreAsync(IEnumerable<(string Subject, string[] Names)> functions, IEnumerable<string> types)
    {
        var text = new StringBuilder("\n");
        foreach (var (subject, names) in functions)
        {
            text.Append($"- {subject}: {string.Join(", ", names.Select(name => $"`{name}`"))}\n");
        }

        text.Append($"\nTypes: {string.Join(", ", types.Select(name => $"`{name}`"))}\n\n");
        var page = await File.ReadAllTextAsync(Page);
        var wanted = page[..(page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + text + page[page.IndexOf(End, StringComparison.Ordinal)..];
        if (Environment.GetEnvironmentVariable("ACTIVITY_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(Page, wanted);
        }

        Assert.Equal(wanted, await File.ReadAllTextAsync(Page));
    }

    private static IEnumerable<(string Subject, string[] Names)> Lists() =>
        Made().Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(
            line => (line[2..line.IndexOf(':', StringComparison.Ordinal)], Names(line)));

    private static string[] Listed(string start) => Names(Made().Single(line => line.StartsWith(start, StringComparison.Ordinal)));

    private static string[] Names(string line) => [.. line.Split('`').Where((_, i) => i % 2 == 1)];

    private static string[] Made()
    {
        var page = File.ReadAllText(Page);
        return page[page.IndexOf(Begin, StringComparison.Ordinal)..page.IndexOf(End, StringComparison.Ordinal)].Split('\n');
    }
}
