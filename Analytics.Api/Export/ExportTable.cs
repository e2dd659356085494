namespace Analytics.Api.Export;

/// <summary>A table that is exported whole: the view of that SQL knows, and in which transaction the attempt came to be what it is.</summary>
/// <param name="Name">Its name in addresses and files.</param>
/// <param name="View">The view in the schema <c>activity</c>, whose columns it has.</param>
internal sealed record ExportTable(string Name, string View)
{
    public static readonly IReadOnlyList<ExportTable> All = [new("attempts", "attempts"), new("answers", "answers"), new("options", "answer_options")];

    /// <summary>The names, for a person.</summary>
    public const string Names = "attempts, answers or options";

    public static ExportTable? Of(string name) => All.FirstOrDefault(table => table.Name == name);
}
