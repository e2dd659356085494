namespace Statistics;

/// <summary>
/// How well the answers to an item follow the Rasch model: mean squares of the standardized residuals z, whose expectation is 1. Below it the answers are more
/// regular than the model has them, above less. <c>t</c> is the mean square by the Wilson–Hilferty cube root, about standard normal if the model holds
/// (Wright &amp; Masters 1982, ch. 5). Null where its variance is zero, or where the model is so sure of an answer that the figure is beyond all numbers.
/// </summary>
/// <param name="Infit">Residuals weighted by their variance.</param>
/// <param name="InfitT">Infit standardized.</param>
/// <param name="Outfit">Residuals unweighted, so that surprising answers far from the item's difficulty count most.</param>
/// <param name="OutfitT">Outfit standardized.</param>
public sealed record RaschFit(double? Infit, double? InfitT, double? Outfit, double? OutfitT)
{
    /// <param name="difficulty">The item's difficulty.</param>
    /// <param name="takers">How many takers have each total.</param>
    /// <param name="correct">How many of those answered the item correctly.</param>
    /// <param name="abilities">The ability of each total; at both ends there is none, and those takers are left out.</param>
    public static RaschFit Of(double difficulty, IReadOnlyList<long> takers, IReadOnlyList<long> correct, IReadOnlyList<double> abilities)
    {
        double count = 0, squares = 0, weightedSquares = 0, information = 0, outfitVariance = 0, infitVariance = 0;
        for (var total = 1; total < takers.Count - 1; total++)
        {
            if (takers[total] > 0)
            {
                var odds = Math.Exp(abilities[total] - difficulty);
                var (p, q) = (1 / (1 + 1 / odds), 1 / (1 + odds));
                var wrong = takers[total] - correct[total];
                count += takers[total];

                // z² is q/p for a correct answer and p/q for a wrong one; where there is none, either may be infinite.
                squares += (correct[total] == 0 ? 0 : correct[total] / odds) + (wrong == 0 ? 0 : wrong * odds);
                weightedSquares += correct[total] * q * q + wrong * p * p;
                information += takers[total] * p * q;
                outfitVariance += takers[total] * (p - q) * (p - q) / (p * q);
                infitVariance += takers[total] * p * q * (p - q) * (p - q);
            }
        }

        var (outfit, infit) = (squares / count, weightedSquares / information);
        return new RaschFit(
            Finite(infit), Standardize(infit, Math.Sqrt(infitVariance) / information),
            Finite(outfit), Standardize(outfit, Math.Sqrt(outfitVariance) / count));
    }

    private static double? Standardize(double meanSquare, double deviation) =>
        deviation < 1e-9 ? null : Finite((Math.Cbrt(meanSquare) - 1) * 3 / deviation + deviation / 3);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
