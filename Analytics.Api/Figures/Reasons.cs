namespace Analytics.Api.Figures;

/// <summary>Why a figure is null.</summary>
internal static class Reasons
{
    public const string NoCounts = "Nothing here states how many questions it had and how many were answered correctly.";
    public const string NoAttempts = "There are no attempts.";
    public const string NoCompletion = "Nothing here states how many questions it had, left incomplete and left unanswered.";
    public const string NoUsers = "No attempt here names its user.";
    public const string OneValue = "A standard deviation needs two values at least.";
    public const string NoDurations = "Nothing here has both a start and the time of an answer.";
}
