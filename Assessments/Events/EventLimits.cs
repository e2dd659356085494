namespace Assessments;

/// <summary>What an event may hold at most; more is refused by name wherever an event comes in.</summary>
public static class EventLimits
{
    /// <summary>
    /// The longest name or id in characters (UTF-16 code units): in UTF-8 it fits into an index of the tables, and every address can carry it.
    /// </summary>
    public const int TextLength = 500;

    /// <summary>The most questions of one attempt, as the tables number them.</summary>
    public const int Questions = short.MaxValue;

    /// <summary>The most options of one question.</summary>
    public const int Options = 1_000;

    /// <summary>The deepest nesting of its JSON.</summary>
    public const int Depth = 64;

    /// <summary>The largest event in bytes.</summary>
    public const int Bytes = 1_000_000;
}
