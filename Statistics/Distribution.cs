using System.Globalization;

namespace Statistics;

/// <summary>
/// Values with how often each occurs. Sums are exact to 28 digits, so a mean does not depend on the order of the rows.
/// </summary>
public sealed class Distribution
{
    private readonly (decimal Value, long Count)[] _values;
    private readonly decimal _sum;

    /// <param name="values">Each value and how often it occurs; a value may come more than once.</param>
    public Distribution(IEnumerable<(decimal Value, long Count)> values)
    {
        _values = [.. values.Where(value => value.Count > 0).OrderBy(value => value.Value)];
        Count = _values.Sum(value => value.Count);
        _sum = _values.Sum(value => value.Value * value.Count);
    }

    /// <summary>How many values there are, each as often as it occurs.</summary>
    public long Count { get; }

    /// <summary>The arithmetic mean; null of nothing.</summary>
    public double? Mean => Count == 0 ? null : Nearest(_sum / Count);

    /// <summary>The sample standard deviation, with n − 1 in the denominator; null of fewer than two.</summary>
    public double? StandardDeviation
    {
        get
        {
            if (Count < 2)
            {
                return null;
            }

            var mean = _sum / Count;
            return Math.Sqrt((double)(_values.Sum(value => (value.Value - mean) * (value.Value - mean) * value.Count) / (Count - 1)));
        }
    }

    /// <summary>
    /// The value below which a share of the others lies, interpolated between neighbours as R's type 7, NumPy and Excel do; null of nothing.
    /// </summary>
    /// <param name="share">From 0, the minimum, to 1, the maximum.</param>
    public double? Quantile(decimal share)
    {
        if (Count == 0)
        {
            return null;
        }

        var rank = (Count - 1) * share;
        var below = (long)decimal.Floor(rank);
        var low = At(below);
        return Nearest(low + (rank - below) * (At(Math.Min(below + 1, Count - 1)) - low));
    }

    /// <summary>The double nearest to a decimal, which the cast is not always.</summary>
    public static double Nearest(decimal value) => double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private decimal At(long index)
    {
        foreach (var (value, count) in _values)
        {
            index -= count;
            if (index < 0)
            {
                return value;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(index));
    }
}
