namespace Statistics;

/// <summary>
/// The elementary symmetric functions γ_r of ε_i = exp(β_i), β the items' easiness: γ_r sums, over all ways to answer just r items correctly,
/// the product of their ε. By the summation algorithm (Andersen 1972; Fischer &amp; Molenaar 1995, ch. 8), which adds positive numbers only and so loses no
/// digits.
/// <para>
/// Kept is γ_r / exp(β_1 + … + β_r), the easiest items first: each way's product as a share of the greatest. It lies between 1 and the number of ways,
/// which a double holds up to <see cref="MostItems"/>; γ itself would overflow from some hundred items on.
/// </para>
/// </summary>
internal sealed class ElementarySymmetric
{
    /// <summary>1,000 items allow some 10²⁹⁹ ways.</summary>
    public const int MostItems = 1000;

    private readonly double[] _logGreatest;

    /// <param name="easiness">The items' easiness, descending.</param>
    public ElementarySymmetric(IReadOnlyList<double> easiness)
    {
        var items = easiness.Count;
        _logGreatest = new double[items + 1];
        Ratios = new double[items][];
        OfFirst = new double[items + 1][];
        OfFirst[0] = [1];
        for (var item = 0; item < items; item++)
        {
            _logGreatest[item + 1] = _logGreatest[item] + easiness[item];
            Ratios[item] = new double[item + 2];
            for (var order = 1; order <= item + 1; order++)
            {
                Ratios[item][order] = Math.Exp(easiness[item] - easiness[order - 1]);
            }

            OfFirst[item + 1] = new double[item + 2];
            OfFirst[item].CopyTo(OfFirst[item + 1], 0);
            Append(item, OfFirst[item + 1]);
        }
    }

    /// <summary>ε of the item (the first index, from 0) as a share of that of the order-th easiest, which it replaces.</summary>
    public double[][] Ratios { get; }

    /// <summary>The functions of the first m items (the first index), by order r from 0 to m.</summary>
    public double[][] OfFirst { get; }

    /// <summary>The functions of all items by order.</summary>
    public double[] OfAll => OfFirst[^1];

    /// <summary>ln γ_r.</summary>
    public double Log(int order) => _logGreatest[order] + Math.Log(OfAll[order]);

    /// <summary>Puts an item to functions of items before it: those ways in which it is wrong, and those of one order less in which it is correct.</summary>
    public void Append(int item, double[] functions)
    {
        var ratios = Ratios[item];
        for (var order = item + 1; order > 0; order--)
        {
            functions[order] += ratios[order] * functions[order - 1];
        }
    }
}
