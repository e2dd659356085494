namespace Statistics;

/// <summary>One item's takers by their total score.</summary>
/// <param name="Takers">How many of each total (the index) were shown the item.</param>
/// <param name="Correct">How many of those answered it correctly.</param>
public sealed record ItemScores(IReadOnlyList<long> Takers, IReadOnlyList<long> Correct);

/// <summary>
/// The takers of an exam by total score, and each item's share in it: counts that can be kept as answers come in, and all that
/// classical test theory and the Rasch model ask of dichotomous items. The total T is how many of the taker's items are correct.
/// </summary>
/// <param name="Length">How many items each taker was shown; a total goes from 0 to this.</param>
/// <param name="Takers">How many takers have each total (the index).</param>
/// <param name="Items">The items that any of them were shown.</param>
public sealed record ScoreTable(int Length, IReadOnlyList<long> Takers, IReadOnlyList<ItemScores> Items)
{
    /// <summary>
    /// The length of an exam whose takers were shown different numbers of items: the number that most were shown, on a tie the greater; 0 of nobody.
    /// </summary>
    /// <param name="takers">How many takers were shown so many items.</param>
    public static int LengthOf(IEnumerable<(int Items, long Takers)> takers) => takers
        .GroupBy(group => group.Items, (items, groups) => (Items: items, Takers: groups.Sum(group => group.Takers)))
        .OrderByDescending(length => length.Takers).ThenByDescending(length => length.Items)
        .FirstOrDefault().Items;

    /// <summary>Whether all takers were shown the same items; else items are drawn from a pool.</summary>
    public bool IsOneForm => Items.Count == Length && Items.All(item => item.Takers.Sum() == Takers.Sum());
}
