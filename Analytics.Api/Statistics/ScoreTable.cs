namespace Analytics.Api.Statistics;

/// <summary>One item's takers by their total score.</summary>
/// <param name="Takers">How many of each total (the index) were shown the item.</param>
/// <param name="Correct">How many of those answered it correctly.</param>
internal sealed record ItemScores(IReadOnlyList<long> Takers, IReadOnlyList<long> Correct);

/// <summary>
/// The takers of an exam by total score, and each item's share in it: counts that can be kept as answers come in, and all that
/// classical test theory and the Rasch model ask of dichotomous items. The total T is how many of the taker's items are correct.
/// </summary>
/// <param name="Length">How many items each taker was shown; a total goes from 0 to this.</param>
/// <param name="Takers">How many takers have each total (the index).</param>
/// <param name="Items">The items that any of them were shown.</param>
internal sealed record ScoreTable(int Length, IReadOnlyList<long> Takers, IReadOnlyList<ItemScores> Items)
{
    /// <summary>Whether all takers were shown the same items; else items are drawn from a pool.</summary>
    public bool IsOneForm => Items.Count == Length && Items.All(item => item.Takers.Sum() == Takers.Sum());
}
