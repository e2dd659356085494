using Analytics.Api.Statistics;

namespace Analytics.Api.Questions;

/// <summary>A plain word on how a question follows the Rasch model, and the rule that gave it (Wright &amp; Linacre 1994); the first rule that holds.</summary>
internal static class FitVerdict
{
    private const int FewestAttempts = 20;

    public static (string Words, string Rule) Of(long informative, RaschFit? fit) => (fit?.Infit, fit?.Outfit) switch
    {
        (null, _) or (_, null) => ("can't be judged", "no mean squares"),
        _ when informative < FewestAttempts => ("too few took it to judge", $"fewer than {FewestAttempts} attempts with some questions right and some wrong"),
        ( > 2, _) or (_, > 2) => ("answered at odds with the rest: check the key and the wording", "infit or outfit above 2"),
        ( > 1.5, _) or (_, > 1.5) => ("answered more erratically than the model has it", "infit or outfit above 1.5"),
        ( < 0.5, _) or (_, < 0.5) => ("says little that the others do not", "infit or outfit below 0.5"),
        _ => ("follows the model", "infit and outfit from 0.5 to 1.5"),
    };
}
