namespace Statistics;

/// <summary>
/// The likelihood of the items' easiness β given each taker's total (Andersen 1972): ln L = Σ_i s_i β_i − Σ_r n_r ln γ_r, of which the abilities
/// have dropped out. It depends on the answers only through the item scores s and the numbers n_r of takers by total.
/// </summary>
/// <param name="itemScores">How many takers answered each item correctly.</param>
/// <param name="takers">How many takers have each total, from 0 to the number of items; none at either end.</param>
internal sealed class ConditionalLikelihood(IReadOnlyList<long> itemScores, IReadOnlyList<long> takers)
{
    /// <summary>ln L.</summary>
    public double Log(double[] easiness)
    {
        var gamma = new ElementarySymmetric([.. easiness.OrderDescending()]);
        var sum = 0.0;
        for (var item = 0; item < easiness.Length; item++)
        {
            sum += itemScores[item] * easiness[item];
        }

        for (var total = 1; total < easiness.Length; total++)
        {
            sum -= takers[total] * gamma.Log(total);
        }

        return sum;
    }

    /// <summary>
    /// The gradient s_i − Σ_r n_r P(i|r), and the information Σ_r n_r (P(ij|r) − P(i|r) P(j|r)), where P(i|r) is the probability that who has the total r
    /// answered i correctly (Fischer &amp; Molenaar 1995, ch. 3). Takes k³ steps for k items: the sums over r of P(ij|r) are derivatives
    /// of a sum that is linear in each ε, and reverse accumulation shares their work.
    /// </summary>
    public (double[] Gradient, SymmetricMatrix Information) Derivatives(double[] easiness, CancellationToken cancellationToken)
    {
        var items = easiness.Length;
        int[] byEase = [.. Enumerable.Range(0, items).OrderByDescending(item => easiness[item])];
        var gamma = new ElementarySymmetric([.. byEase.Select(item => easiness[item])]);
        var weights = Weights(gamma);
        var gradient = new double[items];
        var information = new SymmetricMatrix(items);
        var rootProbabilities = new double[items][]; // √n_r · P(i|r)
        var functions = new double[items + 1];
        for (var i = 0; i < items; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var expected = Dot(weights[i], gamma.OfFirst[i]);
            gradient[byEase[i]] = itemScores[byEase[i]] - expected;
            information[byEase[i], byEase[i]] = expected;

            // The ways in which i is correct: over the items before it, to which the later ones are put one by one.
            functions[0] = 0;
            for (var order = 1; order <= i + 1; order++)
            {
                functions[order] = gamma.Ratios[i][order] * gamma.OfFirst[i][order - 1];
            }

            for (var j = i + 1; j < items; j++)
            {
                information[byEase[i], byEase[j]] = Dot(weights[j], functions);
                functions[j + 1] = 0;
                gamma.Append(j, functions);
            }

            rootProbabilities[i] = new double[items + 1];
            for (var total = 1; total < items; total++)
            {
                rootProbabilities[i][total] = Math.Sqrt(takers[total]) * functions[total] / gamma.OfAll[total];
            }
        }

        for (var i = 0; i < items; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var j = 0; j <= i; j++)
            {
                information[byEase[i], byEase[j]] -= Dot(rootProbabilities[i], rootProbabilities[j]);
            }
        }

        return (gradient, information);
    }

    // weights[i][r]: what one unit of order r, of functions over the items before i, is worth in Σ_r n_r if i is correct and the later items are put to it.
    private double[][] Weights(ElementarySymmetric gamma)
    {
        double[] later = [.. takers.Select((count, total) => count / gamma.OfAll[total])];
        var weights = new double[gamma.Ratios.Length][];
        for (var item = weights.Length - 1; item >= 0; item--)
        {
            weights[item] = new double[item + 1];
            for (var order = 0; order <= item; order++)
            {
                weights[item][order] = gamma.Ratios[item][order + 1] * later[order + 1];
                later[order] += weights[item][order];
            }
        }

        return weights;
    }

    // As many products as the left has.
    private static double Dot(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
