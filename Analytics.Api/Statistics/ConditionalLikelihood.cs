namespace Analytics.Api.Statistics;

/// <summary>
/// The likelihood of the items' easiness β given each taker's total (Andersen 1972): ln L = Σ_i s_i β_i − Σ_r n_r ln γ_r, of which the abilities
/// have dropped out. It depends on the answers only through the item scores s and the numbers n_r of takers by total.
/// </summary>
/// <param name="itemScores">How many takers answered each item correctly.</param>
/// <param name="takers">How many takers have each total, from 0 to the number of items; none at either end.</param>
internal sealed class ConditionalLikelihood(IReadOnlyList<long> itemScores, IReadOnlyList<long> takers)
{
    /// <summary>ln L; minus infinity where β is so wide that it can't be computed.</summary>
    public double Log(IReadOnlyList<double> easiness)
    {
        var gamma = new ElementarySymmetric(easiness);
        var sum = 0.0;
        for (var item = 0; item < easiness.Count; item++)
        {
            sum += itemScores[item] * easiness[item];
        }

        for (var total = 0; total < takers.Count; total++)
        {
            if (takers[total] > 0)
            {
                sum -= gamma.Log(total) is { } log ? takers[total] * log : double.PositiveInfinity;
            }
        }

        return sum;
    }

    /// <summary>
    /// The gradient s_i − Σ_r n_r P(i|r), and the information Σ_r n_r (P(ij|r) − P(i|r) P(j|r)), where P(i|r) is the probability that who has the total r
    /// answered i correctly (Fischer &amp; Molenaar 1995, ch. 3). Takes k³ steps for k items: the sums over r of P(ij|r) are derivatives
    /// of a sum that is linear in each ε, and reverse accumulation shares their work.
    /// </summary>
    public (double[] Gradient, SymmetricMatrix Information) Derivatives(IReadOnlyList<double> easiness, CancellationToken cancellationToken)
    {
        var items = easiness.Count;
        var gamma = new ElementarySymmetric(easiness);
        var weights = Weights(gamma);
        var gradient = new double[items];
        var information = new SymmetricMatrix(items);
        var rootProbabilities = new double[items][]; // √n_r · P(i|r)
        var orders = new double[items + 1];
        for (var item = 0; item < items; item++)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // The functions of those before the item, with the item itself correct; then the others are put to it one by one.
            orders[0] = 0;
            for (var order = 0; order <= item; order++)
            {
                orders[order + 1] = gamma.Correct[item] * gamma.OfFirst[item][order];
            }

            var expected = Dot(weights[item + 1], orders.AsSpan(0, item + 2));
            gradient[item] = itemScores[item] - expected;
            for (var other = item + 1; other < items; other++)
            {
                information[other, item] = gamma.Correct[other] * Dot(weights[other + 1].AsSpan(1), orders.AsSpan(0, other + 1));
                gamma.Append(other, orders.AsSpan(0, other + 1), orders.AsSpan(0, other + 2));
            }

            information[item, item] = expected;
            rootProbabilities[item] = new double[items + 1];
            for (var total = 0; total <= items; total++)
            {
                rootProbabilities[item][total] = takers[total] == 0 ? 0 : Math.Sqrt(takers[total]) * orders[total] / gamma.OfAll[total];
            }

            for (var other = 0; other <= item; other++)
            {
                information[item, other] -= Dot(rootProbabilities[item], rootProbabilities[other]);
            }
        }

        return (gradient, information);
    }

    // weights[m][r]: what one unit of the first m items' function of order r is worth in Σ_r n_r, all later items being put to it.
    private double[][] Weights(ElementarySymmetric gamma)
    {
        var weights = new double[gamma.Items + 1][];
        weights[gamma.Items] = [.. takers.Select((count, total) => count == 0 ? 0 : count / gamma.OfAll[total])];
        for (var item = gamma.Items - 1; item >= 0; item--)
        {
            var later = weights[item + 1];
            weights[item] = new double[item + 1];
            for (var order = 0; order <= item; order++)
            {
                weights[item][order] = gamma.Wrong[item] * later[order] + gamma.Correct[item] * later[order + 1];
            }
        }

        return weights;
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
