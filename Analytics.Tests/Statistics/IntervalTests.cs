using System.Globalization;
using Statistics;

namespace Analytics.Tests.Statistics;

/// <summary>Our intervals beside scipy's; scipy/intervals.py made the figures expected.</summary>
public sealed class IntervalTests
{
    [Fact]
    public void Bounds_equal_those_of_scipy()
    {
        var lines = File.ReadLines(Path.Combine(Repository.Root, "Analytics.Tests", "Statistics", "scipy", "intervals.csv")).Skip(1).ToArray();

        Assert.Equal(52, lines.Length);
        foreach (var line in lines)
        {
            var cells = line.Split(',');
            var figures = cells.Skip(1).Select(cell => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            if (cells[0] == "t")
            {
                AssertNear(figures[6], StudentT.Quantile(0.975, figures[0]), line);
                continue;
            }

            var interval = cells[0] switch
            {
                "means" => Interval.OfMeans(new Sample((long)figures[0], figures[1], figures[2]), new Sample((long)figures[3], figures[4], figures[5])),
                "share" => Interval.OfShare((long)figures[0], (long)figures[1]),
                _ => Interval.OfShares((long)figures[0], (long)figures[1], (long)figures[3], (long)figures[4]),
            };
            AssertNear(figures[6], interval!.Value.Estimate, line);
            AssertNear(figures[7], interval.Value.Low, line);
            AssertNear(figures[8], interval.Value.High, line);
        }
    }

    [Theory]
    [InlineData(1, 5)] // One value has no spread.
    [InlineData(2, 0)] // No value differs from another.
    public void Means_of_too_little_have_no_interval(long count, double deviation) =>
        Assert.Null(Interval.OfMeans(new Sample(count, 50, deviation), new Sample(count, 60, deviation)));

    [Fact]
    public void A_share_of_nothing_has_no_interval() => Assert.Null(Interval.OfShares(0, 0, 1, 2));

    private static void AssertNear(double expected, double actual, string what) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-9 * Math.Max(1, Math.Abs(expected)), $"{what}: {actual:R}");
}
