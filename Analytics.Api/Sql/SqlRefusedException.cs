namespace Analytics.Api.Sql;

/// <summary>A statement that is not run.</summary>
/// <param name="reason">One sentence for the person who wrote it.</param>
/// <param name="position">The index of the character that it is about, in the tokens' text; null if there is none.</param>
internal sealed class SqlRefusedException(string reason, int? position) : Exception(reason)
{
    public SqlRefusedException(IReadOnlyList<RefusedUse> refused)
        : this(Say(refused), refused.Select(use => use.Position).FirstOrDefault(position => position is not null)) => Refused = refused;

    public int? Position => position;

    /// <summary>All that the statement uses and may not; empty where it is refused for its form.</summary>
    public IReadOnlyList<RefusedUse> Refused { get; } = [];

    private static string Say(IReadOnlyList<RefusedUse> refused)
    {
        var first = refused[0];
        var sentence = first.Kind switch
        {
            "function" => $"The function {first.Name} is not taken here; GET /api/schema/functions lists those that are",
            "operator" => $"The operator {first.Name} is not taken here; it is none over the types that GET /api/schema/functions lists",
            "type" => $"The type {first.Name} is not taken here; GET /api/schema/functions lists those that are",
            "relation" => $"{first.Name} is none of the views that can be asked; GET /api/schema lists them",
            _ => $"{first.Name} is not taken here: a statement only reads the views",
        };
        return refused.Count == 1 ? $"{sentence}." : $"{sentence}. The field refused has all {refused.Count} that are not taken.";
    }
}

/// <summary>Something that a statement uses and may not.</summary>
/// <param name="Kind">function, operator, relation, type or construct.</param>
/// <param name="Name">PostgreSQL's name of it, of functions and operators with the types of their arguments.</param>
/// <param name="Position">The index of the character where it stands, if that can be told.</param>
internal sealed record RefusedUse(string Kind, string Name, int? Position);
