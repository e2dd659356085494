namespace Statistics;

/// <summary>The abilities that totals stand for, once the items' difficulties are known.</summary>
internal static class Abilities
{
    private const int FewestForSpline = 4;

    /// <summary>
    /// The maximum likelihood estimate: the ability at which the expected total is the one observed. Newton's steps, and halves of the interval where one would
    /// leave it.
    /// </summary>
    /// <param name="difficulties">The items' difficulties.</param>
    /// <param name="total">Neither none nor all of the items.</param>
    /// <returns>The ability, and its standard error 1/√Σpq.</returns>
    public static (double Ability, double StandardError) Estimate(IReadOnlyList<double> difficulties, int total)
    {
        var logit = Math.Log((double)total / (difficulties.Count - total));
        var (low, high) = (difficulties.Min() + logit, difficulties.Max() + logit);
        var ability = Math.Clamp(logit, low, high);
        while (true)
        {
            var (expected, information) = Expect(difficulties, ability);
            (low, high) = expected < total ? (ability, high) : (low, ability);
            var next = ability + (total - expected) / information;
            if (!(next > low && next < high))
            {
                next = (low + high) / 2;
            }

            if (Math.Abs(next - ability) <= 1e-13 * (1 + Math.Abs(ability)))
            {
                return (next, 1 / Math.Sqrt(information));
            }

            ability = next;
        }
    }

    /// <summary>
    /// What none and all correct stand for, neither of which has a finite estimate: the straight ends of the natural cubic spline
    /// through the totals that occur, as R's eRm extrapolates. Null where fewer than four totals occur.
    /// </summary>
    /// <param name="totals">The totals that occur, ascending.</param>
    /// <param name="abilities">Their abilities.</param>
    /// <param name="items">The number of items.</param>
    public static (double? None, double? All) Extrapolate(IReadOnlyList<int> totals, IReadOnlyList<double> abilities, int items)
    {
        if (totals.Count < FewestForSpline)
        {
            return (null, null);
        }

        var curvature = NaturalSpline(totals, abilities);
        var last = totals.Count - 1;
        double first = totals[1] - totals[0], final = totals[last] - totals[last - 1];
        var slopeBefore = (abilities[1] - abilities[0]) / first - first / 6 * curvature[1];
        var slopeAfter = (abilities[last] - abilities[last - 1]) / final + final / 6 * curvature[last - 1];
        return (abilities[0] - slopeBefore * totals[0], abilities[last] + slopeAfter * (items - totals[last]));
    }

    private static (double Total, double Information) Expect(IReadOnlyList<double> difficulties, double ability)
    {
        double total = 0, information = 0;
        foreach (var difficulty in difficulties)
        {
            var p = 1 / (1 + Math.Exp(difficulty - ability));
            total += p;
            information += p * (1 - p);
        }

        return (total, information);
    }

    // The second derivatives at the knots, zero at both ends: a tridiagonal system, eliminated downwards and solved upwards.
    private static double[] NaturalSpline(IReadOnlyList<int> x, IReadOnlyList<double> y)
    {
        var second = new double[x.Count];
        var diagonal = new double[x.Count];
        for (var i = 1; i < x.Count - 1; i++)
        {
            double before = x[i] - x[i - 1], after = x[i + 1] - x[i];
            diagonal[i] = 2 * (before + after);
            second[i] = 6 * ((y[i + 1] - y[i]) / after - (y[i] - y[i - 1]) / before);
            if (i > 1)
            {
                diagonal[i] -= before * before / diagonal[i - 1];
                second[i] -= before / diagonal[i - 1] * second[i - 1];
            }
        }

        for (var i = x.Count - 2; i > 0; i--)
        {
            second[i] = (second[i] - (x[i + 1] - x[i]) * second[i + 1]) / diagonal[i];
        }

        return second;
    }
}
