namespace Statistics;

/// <summary>
/// Classical test theory over dichotomous items: every figure comes from whole sums over a score table, so it is exact to the last division.
/// The total T is the number of items answered correctly. Sample variances and covariances, with n − 1 in the denominator.
/// A figure that can't be computed is null: fewer than two takers, no variance, or items drawn from a pool where all takers must have had the same.
/// </summary>
public sealed class ItemAnalysis
{
    // Kelley (1939): the share at either end at which the difference is told most surely.
    private const decimal GroupShare = 0.27m;

    private readonly ScoreTable _table;
    private readonly Sums _exam;
    private readonly Sums[] _items;
    private readonly bool _isOneForm;

    /// <param name="table">The takers, and what each item has of them.</param>
    public ItemAnalysis(ScoreTable table)
    {
        _table = table;
        _exam = Sums.Of(table.Takers, null);
        _items = [.. table.Items.Select(item => Sums.Of(item.Takers, item.Correct))];
        _isOneForm = table.IsOneForm;
    }

    /// <summary>How many items there are.</summary>
    public int Items => _items.Length;

    /// <summary>How many takers there are.</summary>
    public long Takers => (long)_exam.Takers;

    /// <summary>The mean of T.</summary>
    public double? Mean => Takers == 0 ? null : (double)_exam.Totals / Takers;

    /// <summary>The standard deviation of T.</summary>
    public double? StandardDeviation => _exam.TotalVariance is { } variance ? Math.Sqrt(variance) : null;

    /// <summary>Cronbach's alpha, of dichotomous items KR-20: k/(k−1) · (1 − Σ var(x) / var(T)).</summary>
    public double? Alpha => _isOneForm ? AlphaOf(Items, _items.Sum(item => item.Variance), _exam.TotalVariance) : null;

    /// <summary>The standard error of measurement: sd(T) · √(1 − alpha).</summary>
    public double? StandardError => StandardDeviation is { } deviation && Alpha is { } alpha ? deviation * Math.Sqrt(1 - alpha) : null;

    /// <summary>The skewness of T by k-statistics, k3 / k2^1.5, as Moodle gives it; null of fewer than three.</summary>
    public double? Skewness
    {
        get
        {
            double n = Takers;
            return n < 3 || _exam.TotalVariance is not > 0
                ? null
                : n * n * Moment(3) / ((n - 1) * (n - 2)) / Math.Pow(_exam.TotalVariance.Value, 1.5);
        }
    }

    /// <summary>The excess kurtosis of T by k-statistics, k4 / k2², as Moodle gives it; null of fewer than four.</summary>
    public double? Kurtosis
    {
        get
        {
            double n = Takers;
            return n < 4 || _exam.TotalVariance is not > 0
                ? null
                : n * n * ((n + 1) * Moment(4) - 3 * (n - 1) * Moment(2) * Moment(2))
                    / ((n - 1) * (n - 2) * (n - 3)) / (_exam.TotalVariance.Value * _exam.TotalVariance.Value);
        }
    }

    /// <summary>The correlation of an item with T, over the item's takers.</summary>
    public double? PointBiserial(int item) => Correlation(_items[item].Covariance, _items[item].Variance, _items[item].TotalVariance);

    /// <summary>
    /// The correlation of an item with the total of the others, T − x, over the item's takers; times 100 it is Moodle's discrimination index.
    /// </summary>
    public double? ItemRest(int item) => Correlation(_items[item].RestCovariance, _items[item].Variance, _items[item].RestVariance);

    /// <summary>
    /// The share of correct answers in the upper 27 % of the item's takers by T less that in the lower 27 %. Takers with the total at the cut count
    /// by the fraction of them that is needed, so no order among equals is made up.
    /// </summary>
    public double? DiscriminationIndex(int item)
    {
        if (_items[item].TotalVariance is not > 0)
        {
            return null;
        }

        var group = GroupShare * (long)_items[item].Takers;
        var totals = Enumerable.Range(0, _table.Length + 1);
        return Distribution.Nearest((CorrectAmong(_table.Items[item], group, totals.Reverse()) - CorrectAmong(_table.Items[item], group, totals)) / group);
    }

    /// <summary>
    /// Moodle's discriminative efficiency, from −1 to 1: the covariance of x and T − x as a share of the greatest that the same marks could have.
    /// </summary>
    public double? DiscriminativeEfficiency(int item)
    {
        var (takers, correct) = _table.Items[item];
        var rests = new long[_table.Length + 1];
        for (var total = 0; total <= _table.Length; total++)
        {
            rests[total] += takers[total] - correct[total];
            rests[Math.Max(0, total - 1)] += correct[total];
        }

        // With both sorted, the correct answers fall to the highest rests.
        Int128 best = 0;
        var left = (long)_items[item].Correct;
        for (var rest = _table.Length; rest >= 0 && left > 0; rest--)
        {
            var taken = Math.Min(left, rests[rest]);
            best += (Int128)taken * rest;
            left -= taken;
        }

        var greatest = _items[item].Spread(best, _items[item].Correct, _items[item].Totals - _items[item].Correct);
        return greatest > 0 ? _items[item].RestCovariance / greatest : null;
    }

    /// <summary>Moodle's effective weight: √cov(x, T) as a share of the sum of all items' roots; null where the covariance is negative.</summary>
    public double? EffectiveWeight(int item)
    {
        var sum = _isOneForm ? _items.Sum(other => Math.Sqrt(Math.Max(0, other.Covariance))) : 0;
        return sum > 0 && _items[item].Covariance >= 0 ? Math.Sqrt(_items[item].Covariance) / sum : null;
    }

    /// <summary>Alpha over the other items; null where fewer than two are left.</summary>
    public double? AlphaWithout(int item) => _isOneForm
        ? AlphaOf(Items - 1, _items.Where((_, other) => other != item).Sum(other => other.Variance), _items[item].RestVariance)
        : null;

    private static double? AlphaOf(int items, double sumOfVariances, double? variance) =>
        items < 2 || variance is not > 0 ? null : items / (items - 1.0) * (1 - sumOfVariances / variance.Value);

    private static double? Correlation(double covariance, double variance, double? otherVariance) =>
        variance > 0 && otherVariance > 0 ? covariance / Math.Sqrt(variance * otherVariance.Value) : null;

    private double Moment(int power) =>
        _table.Takers.Select((takers, total) => takers * Math.Pow(total - Mean!.Value, power)).Sum() / Takers;

    private static decimal CorrectAmong(ItemScores item, decimal group, IEnumerable<int> totalsInOrder)
    {
        var correct = 0m;
        foreach (var total in totalsInOrder)
        {
            if (item.Takers[total] > 0)
            {
                var share = Math.Min(group, item.Takers[total]) / item.Takers[total];
                correct += share * item.Correct[total];
                group -= Math.Min(group, item.Takers[total]);
            }
        }

        return correct;
    }

    /// <summary>Whole sums over takers: their number, S(T), S(T²), and of an item S(x) and S(xT).</summary>
    private readonly record struct Sums(Int128 Takers, Int128 Totals, Int128 Squares, Int128 Correct, Int128 CorrectTotals)
    {
        public double Variance => Spread(Correct, Correct, Correct);

        public double Covariance => Spread(CorrectTotals, Correct, Totals);

        public double RestCovariance => Covariance - Variance;

        public double? TotalVariance => Takers < 2 ? null : Spread(Squares, Totals, Totals);

        // var(T − x) = var(T) − 2 cov(x, T) + var(x), all over the same whole-number denominator.
        public double? RestVariance => Takers < 2 ? null : Spread(Squares - 2 * CorrectTotals + Correct, Totals - Correct, Totals - Correct);

        public static Sums Of(IReadOnlyList<long> takers, IReadOnlyList<long>? correct)
        {
            var sums = default(Sums);
            for (var total = 0; total < takers.Count; total++)
            {
                var (these, solved) = ((Int128)takers[total], (Int128)(correct?[total] ?? 0));
                sums = new Sums(
                    sums.Takers + these, sums.Totals + these * total, sums.Squares + these * total * total, sums.Correct + solved,
                    sums.CorrectTotals + solved * total);
            }

            return sums;
        }

        // (n·S(ab) − S(a)·S(b)) / (n(n − 1)): whole until the division. 0 of fewer than two.
        public double Spread(Int128 sumOfProducts, Int128 first, Int128 second) =>
            Takers < 2 ? 0 : (double)(Takers * sumOfProducts - first * second) / ((double)Takers * ((double)Takers - 1));
    }
}
