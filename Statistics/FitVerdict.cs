namespace Statistics;

/// <summary>A plain word on how an item follows the Rasch model, and the rule that gave it (Wright &amp; Linacre 1994); the first rule that holds.</summary>
public static class FitVerdict
{
    private const int FewestTakers = 20;

    /// <param name="informative">Takers with something right and something wrong.</param>
    /// <param name="fit">The item's fit; null where it is not calibrated.</param>
    public static (string Words, string Rule) Of(long informative, RaschFit? fit) => (fit?.Infit, fit?.Outfit) switch
    {
        (null, _) or (_, null) => ("can't be judged", "no mean squares"),
        _ when informative < FewestTakers => ("too few took it to judge", $"fewer than {FewestTakers} attempts with some questions right and some wrong"),
        ( > 2, _) or (_, > 2) => ("answered at odds with the rest: check the key and the wording", "infit or outfit above 2"),
        ( > 1.5, _) or (_, > 1.5) => ("answered more erratically than the model has it", "infit or outfit above 1.5"),
        ( < 0.5, _) or (_, < 0.5) => ("says little that the others do not", "infit or outfit below 0.5"),
        _ => ("follows the model", "infit and outfit from 0.5 to 1.5"),
    };
}
