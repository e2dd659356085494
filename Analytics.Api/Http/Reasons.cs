namespace Analytics.Api.Http;

/// <summary>Why a figure is null.</summary>
internal static class Reasons
{
    public const string NoCounts = "Nothing here states how many questions it had and how many were answered correctly.";
    public const string NoAttempts = "There are no attempts.";
}
