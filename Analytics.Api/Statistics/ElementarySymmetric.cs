namespace Analytics.Api.Statistics;

/// <summary>
/// The elementary symmetric functions γ_r of ε_i = exp(β_i), β the items' easiness: γ_r sums, over all ways to answer just r items correctly,
/// the product of their ε. By the summation algorithm (Andersen 1972; Fischer &amp; Molenaar 1995, ch. 8), which adds positive numbers only and so loses no digits.
/// <para>
/// An item's factor 1 + ε_i·x is divided by 1 + ε_i and becomes q_i + p_i·x, and everything is multiplied by 2⁹⁰⁰: what is kept lies between
/// 10⁻³⁰⁸ and 10²⁷¹, where γ itself would overflow from some hundred items on.
/// </para>
/// </summary>
internal sealed class ElementarySymmetric
{
    private const double Lift = 8.452712498170644e270; // 2⁹⁰⁰
    private const double Least = 1e-250; // Below it terms that matter could vanish.

    private readonly double _logScale;

    public ElementarySymmetric(IReadOnlyList<double> easiness)
    {
        Items = easiness.Count;
        Correct = [.. easiness.Select(beta => 1 / (1 + Math.Exp(-beta)))];
        Wrong = [.. easiness.Select(beta => 1 / (1 + Math.Exp(beta)))];
        _logScale = Math.Log(Lift) - easiness.Sum(beta => Math.Max(0, beta) + double.LogP1(Math.Exp(-Math.Abs(beta))));
        OfFirst = new double[Items + 1][];
        OfFirst[0] = [Lift];
        for (var item = 0; item < Items; item++)
        {
            OfFirst[item + 1] = new double[item + 2];
            Append(item, OfFirst[item], OfFirst[item + 1]);
        }
    }

    public int Items { get; }

    /// <summary>p_i = ε_i / (1 + ε_i).</summary>
    public double[] Correct { get; }

    /// <summary>q_i = 1 / (1 + ε_i).</summary>
    public double[] Wrong { get; }

    /// <summary>The scaled functions of the first m items (the first index), by order r from 0 to m.</summary>
    public double[][] OfFirst { get; }

    /// <summary>The scaled functions of all items by order.</summary>
    public double[] OfAll => OfFirst[Items];

    /// <summary>ln γ_r; null where γ_r is too far from the greatest of them to be held.</summary>
    public double? Log(int order) => OfAll[order] < Least ? null : Math.Log(OfAll[order]) - _logScale;

    /// <summary>Multiplies functions by an item's factor: <paramref name="after"/> has one order more and may be the same memory as <paramref name="before"/>.</summary>
    public void Append(int item, ReadOnlySpan<double> before, Span<double> after)
    {
        var (p, q) = (Correct[item], Wrong[item]);
        after[before.Length] = p * before[^1];
        for (var order = before.Length - 1; order > 0; order--)
        {
            after[order] = q * before[order] + p * before[order - 1];
        }

        after[0] = q * before[0];
    }
}
