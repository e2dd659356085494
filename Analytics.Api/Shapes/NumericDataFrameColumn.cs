using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Numbers of a table that comes in parts: their scale must do for parts that nobody has seen yet.</summary>
internal sealed class NumericDataFrameColumn(string name) : DecimalDataFrameColumn(name)
{
    // PostgreSQL's averages and quotients have up to twenty digits behind the point, fewer the larger they are.
    private const int UsualScale = 20;

    private int _leastScale;

    /// <summary>The digits behind the point that the column has at least.</summary>
    public int LeastScale => _leastScale;

    /// <summary>Makes room for numbers with more digits behind the point, as far as those in front leave any.</summary>
    public void ExpectMore() => _leastScale = Math.Min(UsualScale, Decimals.Precision - Decimals.WholeDigits(this));
}
