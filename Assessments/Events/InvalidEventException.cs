namespace Assessments;

/// <summary>Bytes that are no event, or an event with a value that can't be read.</summary>
/// <param name="reason">One sentence that names field and byte where it can, and never a value.</param>
public sealed class InvalidEventException(string reason) : Exception(reason)
{
    /// <summary>One sentence that says what is wrong, with the field and the 0-based byte position where there is one. It holds no personal data.</summary>
    public string Reason { get; } = reason;

    /// <summary>Whether it is a whole message of another known format, as a file has them from its first line to its last.</summary>
    public bool IsOtherFormat { get; init; }
}
