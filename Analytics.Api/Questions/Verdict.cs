namespace Analytics.Api.Questions;

/// <summary>A plain word on a question, and the rule that gave it; the first rule that holds.</summary>
internal static class Verdict
{
    /// <summary>The word on a question to which no rule objects.</summary>
    public const string Sound = "sound";

    private const int FewestAttempts = 20;

    public static (string Words, string Rule) Of(
        long attempts, long omitted, double? facility, double? itemRest, IReadOnlyList<OptionAnalysis> options)
    {
        var key = options.Where(option => option.IsCorrect).Select(option => option.Chosen).DefaultIfEmpty(0).Max();
        var distractor = options.Where(option => !option.IsCorrect).Select(option => option.Chosen).DefaultIfEmpty(0).Max();
        return (facility, itemRest) switch
        {
            _ when attempts < FewestAttempts => ("too few took it to judge", $"fewer than {FewestAttempts} attempts"),
            (_, < 0) => ("the best do worse than the weakest: check the key", "corrected item–total correlation below 0"),
            ( < 20, _) => ("nearly everybody fails", "facility below 20 %"),
            _ when distractor > key => ("a wrong option draws more than any right one", "a wrong option chosen more often than each right one"),
            _ when omitted * 5 > attempts => ("many leave it out", "omitted by more than 20 %"),
            ( > 95, _) => ("nearly everybody passes", "facility above 95 %"),
            (_, < 0.1) => ("hardly tells the strong from the weak", "corrected item–total correlation below 0.1"),
            _ => (Sound, "no rule objects"),
        };
    }
}
