namespace Analytics.Api.Filters;

/// <summary>What is counted, as the parameter <c>count</c> names it.</summary>
internal static class Counting
{
    /// <summary>Each record, redeliveries and replaced events included, as the published reports count.</summary>
    public const string Messages = "messages";

    /// <summary>Each user_exam_id once, by its newest event.</summary>
    public const string Attempts = "attempts";

    public const string Complaint = "The parameter count is messages or attempts.";
}
