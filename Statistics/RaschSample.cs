namespace Statistics;

/// <summary>
/// What of a score table the Rasch model can be fitted to: takers with something right and something wrong, and items that some of them have right and some
/// wrong.
/// </summary>
internal sealed class RaschSample
{
    private RaschSample(int[] items, long[] takers, long[][] correct)
    {
        Items = items;
        Takers = takers;
        Correct = correct;
        Count = Informative(takers).Sum();
        ItemScores = [.. correct.Select(counts => Informative(counts).Sum())];
    }

    /// <summary>The items, as indices into the score table.</summary>
    public int[] Items { get; }

    /// <summary>How many takers there are by total over these items, those with none and all correct included.</summary>
    public long[] Takers { get; }

    /// <summary>Of each item, how many answered it correctly by total over these items.</summary>
    public long[][] Correct { get; }

    /// <summary>How many takers have something right and something wrong; the others say nothing on the items.</summary>
    public long Count { get; }

    /// <summary>Of each item, how many of those answered it correctly.</summary>
    public long[] ItemScores { get; }

    /// <summary>
    /// Leaves out items that all or none of the informative takers have right, which have no finite difficulty. Without an item that all have right
    /// totals are one lower, and more takers may turn out to say nothing; so again until nothing changes.
    /// </summary>
    public static RaschSample Of(ScoreTable table)
    {
        var sample = new RaschSample(
            [.. Enumerable.Range(0, table.Items.Count)], [.. table.Takers], [.. table.Items.Select(item => item.Correct.ToArray())]);
        while (sample.Count > 0 && sample.ItemScores.Any(score => score == 0 || score == sample.Count))
        {
            sample = sample.WithoutDegenerateItems();
        }

        return sample;
    }

    /// <summary>
    /// Whether the conditional likelihood has a finite maximum (Fischer 1981): there is none just if the items split into two parts such that whoever
    /// has any item of the harder part right has the whole easier part right. The harder part of m items then is answered as seldom as totals allow,
    /// Σ_r n_r · max(0, r − (k − m)) times in all, and it is among the parts of m items the one with the lowest scores: so sums tell it, without the answers.
    /// </summary>
    public bool HasFiniteMaximum()
    {
        var harder = 0L;
        var ascending = ItemScores.Order().ToArray();
        for (var m = 1; m < ascending.Length; m++)
        {
            harder += ascending[m - 1];
            var least = 0L;
            for (var total = ascending.Length - m + 1; total < ascending.Length; total++)
            {
                least += Takers[total] * (total - (ascending.Length - m));
            }

            if (harder <= least)
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<long> Informative(long[] byTotal) => byTotal.Skip(1).SkipLast(1);

    private RaschSample WithoutDegenerateItems()
    {
        int[] kept = [.. Enumerable.Range(0, Items.Length).Where(item => ItemScores[item] > 0 && ItemScores[item] < Count)];
        var alwaysCorrect = ItemScores.Count(score => score == Count);
        return new RaschSample(
            [.. kept.Select(item => Items[item])],
            Shift(Takers, kept.Length, alwaysCorrect),
            [.. kept.Select(item => Shift(Correct[item], kept.Length, alwaysCorrect))]);
    }

    // Totals move down by the items that all had right; who had nothing or everything right still has.
    private static long[] Shift(long[] byTotal, int items, int down)
    {
        var shifted = new long[items + 1];
        for (var total = 0; total < byTotal.Length; total++)
        {
            shifted[Math.Clamp(total - down, 0, items)] += byTotal[total];
        }

        return shifted;
    }
}
