namespace Analytics.Api.Statistics;

/// <summary>Which of an exam's items were answered correctly, and by how many takers in just this way.</summary>
internal sealed record ResponsePattern(IReadOnlyList<bool> Correct, long Takers);

/// <summary>
/// Classical test theory over dichotomous items: every figure comes from whole sums over the response patterns, so it is exact to the last division.
/// The total T is the number of items answered correctly. Sample variances and covariances, with n − 1 in the denominator.
/// A figure that can't be computed is null: fewer than two takers, or no variance.
/// </summary>
internal sealed class ItemAnalysis
{
    // Kelley (1939): the share at either end at which the difference is told most surely.
    private const decimal GroupShare = 0.27m;

    private readonly ResponsePattern[] _patterns;
    private readonly long[] _totals; // how many takers have each total
    private readonly long[] _correct; // S(x) of each item
    private readonly long[] _correctTimesTotal; // S(xT) of each item
    private readonly Int128 _sumOfTotals;
    private readonly Int128 _sumOfSquares;

    /// <param name="items">How many items each pattern has.</param>
    /// <param name="patterns">The patterns of takers who were shown all items.</param>
    public ItemAnalysis(int items, IEnumerable<ResponsePattern> patterns)
    {
        Items = items;
        _patterns = [.. patterns];
        _totals = new long[items + 1];
        _correct = new long[items];
        _correctTimesTotal = new long[items];
        foreach (var pattern in _patterns)
        {
            var total = Total(pattern);
            Takers += pattern.Takers;
            _totals[total] += pattern.Takers;
            _sumOfTotals += (Int128)pattern.Takers * total;
            _sumOfSquares += (Int128)pattern.Takers * total * total;
            for (var item = 0; item < items; item++)
            {
                if (pattern.Correct[item])
                {
                    _correct[item] += pattern.Takers;
                    _correctTimesTotal[item] += pattern.Takers * total;
                }
            }
        }
    }

    /// <summary>How many items there are.</summary>
    public int Items { get; }

    /// <summary>How many takers were shown all items.</summary>
    public long Takers { get; }

    /// <summary>The mean of T.</summary>
    public double? Mean => Takers == 0 ? null : (double)_sumOfTotals / Takers;

    /// <summary>The standard deviation of T.</summary>
    public double? StandardDeviation => TotalVariance is { } variance ? Math.Sqrt(variance) : null;

    /// <summary>Cronbach's alpha, of dichotomous items KR-20: k/(k−1) · (1 − Σ var(x) / var(T)).</summary>
    public double? Alpha => AlphaOf(Items, Enumerable.Range(0, Items).Sum(Variance), TotalVariance);

    /// <summary>The standard error of measurement: sd(T) · √(1 − alpha).</summary>
    public double? StandardError => StandardDeviation is { } deviation && Alpha is { } alpha ? deviation * Math.Sqrt(1 - alpha) : null;

    /// <summary>The skewness of T by k-statistics, k3 / k2^1.5, as Moodle gives it; null of fewer than three.</summary>
    public double? Skewness
    {
        get
        {
            double n = Takers;
            return n < 3 || TotalVariance is not > 0
                ? null
                : n * n * Moment(3) / ((n - 1) * (n - 2)) / Math.Pow(TotalVariance.Value, 1.5);
        }
    }

    /// <summary>The excess kurtosis of T by k-statistics, k4 / k2², as Moodle gives it; null of fewer than four.</summary>
    public double? Kurtosis
    {
        get
        {
            double n = Takers;
            return n < 4 || TotalVariance is not > 0
                ? null
                : n * n * ((n + 1) * Moment(4) - 3 * (n - 1) * Moment(2) * Moment(2))
                    / ((n - 1) * (n - 2) * (n - 3)) / (TotalVariance.Value * TotalVariance.Value);
        }
    }

    private double? TotalVariance => Takers < 2 ? null : Spread(_sumOfSquares, _sumOfTotals, _sumOfTotals);

    /// <summary>The correlation of an item with T.</summary>
    public double? PointBiserial(int item) => Correlation(CovarianceWithTotal(item), Variance(item), TotalVariance);

    /// <summary>The correlation of an item with the total of the others, T − x; times 100 it is Moodle's discrimination index.</summary>
    public double? ItemRest(int item)
    {
        var covariance = CovarianceWithTotal(item);
        return Correlation(covariance - Variance(item), Variance(item), RestVariance(item));
    }

    /// <summary>
    /// The share of correct answers in the upper 27 % by T less that in the lower 27 %. Takers with the total at the cut count
    /// by the fraction of them that is needed, so no order among equals is made up.
    /// </summary>
    public double? DiscriminationIndex(int item)
    {
        if (Takers < 2 || TotalVariance is not > 0)
        {
            return null;
        }

        var group = GroupShare * Takers;
        return Distribution.Nearest((CorrectAmong(item, group, Enumerable.Range(0, Items + 1).Reverse()) - CorrectAmong(item, group, Enumerable.Range(0, Items + 1))) / group);
    }

    /// <summary>Moodle's discriminative efficiency, from −1 to 1: the covariance of x and T − x as a share of the greatest that the same marks could have.</summary>
    public double? DiscriminativeEfficiency(int item)
    {
        if (Takers < 2)
        {
            return null;
        }

        var rests = new long[Items];
        Int128 sumOfRests = 0;
        foreach (var pattern in _patterns)
        {
            var rest = Total(pattern) - (pattern.Correct[item] ? 1 : 0);
            rests[rest] += pattern.Takers;
            sumOfRests += (Int128)rest * pattern.Takers;
        }

        // With both sorted, the correct answers fall to the highest rests.
        Int128 best = 0;
        var left = _correct[item];
        for (var rest = Items - 1; rest >= 0 && left > 0; rest--)
        {
            var taken = Math.Min(left, rests[rest]);
            best += (Int128)taken * rest;
            left -= taken;
        }

        var greatest = Spread(best, _correct[item], sumOfRests);
        return greatest > 0 ? (CovarianceWithTotal(item) - Variance(item)) / greatest : null;
    }

    /// <summary>Moodle's effective weight: √cov(x, T) as a share of the sum of all items' roots; null where the covariance is negative.</summary>
    public double? EffectiveWeight(int item)
    {
        var sum = Takers < 2 ? 0 : Enumerable.Range(0, Items).Sum(other => Math.Sqrt(Math.Max(0, CovarianceWithTotal(other))));
        return sum > 0 && CovarianceWithTotal(item) >= 0 ? Math.Sqrt(CovarianceWithTotal(item)) / sum : null;
    }

    /// <summary>Alpha over the other items; null where fewer than two are left.</summary>
    public double? AlphaWithout(int item) =>
        AlphaOf(Items - 1, Enumerable.Range(0, Items).Where(other => other != item).Sum(Variance), RestVariance(item));

    private static int Total(ResponsePattern pattern) => pattern.Correct.Count(correct => correct);

    private static double? AlphaOf(int items, double sumOfVariances, double? variance) =>
        items < 2 || variance is not > 0 ? null : items / (items - 1.0) * (1 - sumOfVariances / variance.Value);

    private static double? Correlation(double covariance, double variance, double? otherVariance) =>
        variance > 0 && otherVariance > 0 ? covariance / Math.Sqrt(variance * otherVariance.Value) : null;

    private double Variance(int item) => Takers < 2 ? 0 : Spread(_correct[item], _correct[item], _correct[item]);

    private double CovarianceWithTotal(int item) => Takers < 2 ? 0 : Spread(_correctTimesTotal[item], _correct[item], _sumOfTotals);

    // var(T − x) = var(T) − 2 cov(x, T) + var(x), all over the same whole-number denominator.
    private double? RestVariance(int item) => Takers < 2
        ? null
        : Spread(_sumOfSquares - 2 * (Int128)_correctTimesTotal[item] + _correct[item], _sumOfTotals - _correct[item], _sumOfTotals - _correct[item]);

    // (n·S(ab) − S(a)·S(b)) / (n(n − 1)): whole until the division.
    private double Spread(Int128 sumOfProducts, Int128 first, Int128 second) =>
        (double)(Takers * sumOfProducts - first * second) / ((double)Takers * (Takers - 1));

    private double Moment(int power) =>
        _totals.Select((takers, total) => takers * Math.Pow(total - Mean!.Value, power)).Sum() / Takers;

    private decimal CorrectAmong(int item, decimal group, IEnumerable<int> totalsInOrder)
    {
        var correct = 0m;
        foreach (var total in totalsInOrder)
        {
            if (_totals[total] > 0)
            {
                var share = Math.Min(group, _totals[total]) / _totals[total];
                correct += share * _patterns.Where(pattern => pattern.Correct[item] && Total(pattern) == total).Sum(pattern => pattern.Takers);
                group -= Math.Min(group, _totals[total]);
            }
        }

        return correct;
    }
}
