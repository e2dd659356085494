namespace Statistics;

/// <summary>A plain word on an item, and the rule that gave it; the first rule that holds.</summary>
public static class ItemVerdict
{
    /// <summary>The word on an item to which no rule objects.</summary>
    public const string Sound = "sound";

    private const int FewestTakers = 20;

    /// <param name="takers">How many were shown the item.</param>
    /// <param name="omitted">How many of them did not answer it.</param>
    /// <param name="facility">Share of correct answers in percent.</param>
    /// <param name="itemRest">Corrected item–total correlation; null where it can't be computed.</param>
    /// <param name="key">How many chose the right option that was chosen most.</param>
    /// <param name="distractor">How many chose the wrong option that was chosen most.</param>
    public static (string Words, string Rule) Of(long takers, long omitted, double? facility, double? itemRest, long key, long distractor) =>
        (facility, itemRest) switch
        {
            _ when takers < FewestTakers => ("too few took it to judge", $"fewer than {FewestTakers} attempts"),
            (_, < 0) => ("the best do worse than the weakest: check the key", "corrected item–total correlation below 0"),
            ( < 20, _) => ("nearly everybody fails", "facility below 20 %"),
            _ when distractor > key => ("a wrong option draws more than any right one", "a wrong option chosen more often than each right one"),
            _ when omitted * 5 > takers => ("many leave it out", "omitted by more than 20 %"),
            ( > 95, _) => ("nearly everybody passes", "facility above 95 %"),
            (_, < 0.1) => ("hardly tells the strong from the weak", "corrected item–total correlation below 0.1"),
            _ => (Sound, "no rule objects"),
        };
}
