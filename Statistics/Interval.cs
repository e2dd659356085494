namespace Statistics;

/// <summary>A figure and the bounds between which its true value lies with a confidence of 95 %.</summary>
/// <param name="Estimate">The figure.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
public readonly record struct Interval(double Estimate, double Low, double High)
{
    /// <summary>Whether no difference is as likely as what was observed.</summary>
    public bool HoldsZero => Low <= 0 && High >= 0;

    // The 0.975 quantile of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>A share, by Wilson's score interval (E. B. Wilson 1927), without continuity correction.</summary>
    /// <param name="successes">How many of them.</param>
    /// <param name="trials">Of how many.</param>
    /// <returns>The share, from 0 to 1; null of nothing.</returns>
    public static Interval? OfShare(long successes, long trials)
    {
        if (trials <= 0)
        {
            return null;
        }

        var (share, n) = ((double)successes / trials, (double)trials);
        var (middle, half) = (share + Z * Z / (2 * n), Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)));
        var whole = 1 + Z * Z / n;
        return new Interval(share, successes == 0 ? 0 : (middle - half) / whole, successes == trials ? 1 : (middle + half) / whole);
    }

    /// <summary>The difference of two independent shares, first less second, by Newcombe's hybrid score interval (R. G. Newcombe 1998, method 10).</summary>
    /// <returns>The difference, from −1 to 1; null if one of them is a share of nothing.</returns>
    public static Interval? OfShares(long firstSuccesses, long firstTrials, long secondSuccesses, long secondTrials)
    {
        if (OfShare(firstSuccesses, firstTrials) is not { } first || OfShare(secondSuccesses, secondTrials) is not { } second)
        {
            return null;
        }

        var difference = first.Estimate - second.Estimate;
        return new Interval(
            difference,
            difference - Math.Sqrt(Square(first.Estimate - first.Low) + Square(second.High - second.Estimate)),
            difference + Math.Sqrt(Square(first.High - first.Estimate) + Square(second.Estimate - second.Low)));
    }

    /// <summary>
    /// The difference of the means of two independent samples, first less second, by Welch (B. L. Welch 1947): their variances need not be equal.
    /// </summary>
    /// <returns>The difference; null if one of them has fewer than two values, or none varies.</returns>
    public static Interval? OfMeans(Sample first, Sample second)
    {
        if (first.Count < 2 || second.Count < 2)
        {
            return null;
        }

        var (a, b) = (Square(first.StandardDeviation) / first.Count, Square(second.StandardDeviation) / second.Count);
        if (a + b == 0)
        {
            return null;
        }

        var degrees = Square(a + b) / (a * a / (first.Count - 1) + b * b / (second.Count - 1));
        var (difference, half) = (first.Mean - second.Mean, StudentT.Quantile(0.975, degrees) * Math.Sqrt(a + b));
        return new Interval(difference, difference - half, difference + half);
    }

    private static double Square(double value) => value * value;
}

/// <summary>What of a sample the comparison of means needs.</summary>
/// <param name="Count">How many values it has.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their sample standard deviation.</param>
public readonly record struct Sample(long Count, double Mean, double StandardDeviation);
