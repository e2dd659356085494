using Analytics.Api.Database;
using Npgsql;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>What ingest has kept of a version's answers: its attempts by total, and each of its items over these attempts.</summary>
internal sealed class VersionSums(int[] itemIds)
{
    private readonly bool _isTableSmall = (long)itemIds.Length * (itemIds.Length + 1) <= ExamSums.MostCells;
    private readonly long[] _takers = new long[itemIds.Length + 1];
    private readonly Counts[] _items = [.. itemIds.Select(_ => new Counts())];

    /// <summary>Reads versions by exam_id and name, and goes on to the result after them.</summary>
    public static async Task<Dictionary<(int ExamId, string Version), VersionSums>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var versions = new Dictionary<(int, string), VersionSums>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = (reader.Get<int>("exam_id"), reader.Get<string>("version"));
            if (!versions.TryGetValue(key, out var sums))
            {
                versions.Add(key, sums = new VersionSums(reader.Get<int[]>("item_ids")));
            }

            sums.Add(reader);
        }

        await reader.NextResultAsync(cancellationToken);
        return versions;
    }

    /// <summary>The attempts that had a version, by total; without items where these are more than can be related to the total.</summary>
    public ScoreTable Table() => new(itemIds.Length, _takers, [.. itemIds.Select(ScoresOf).OfType<ItemScores>()]);

    /// <summary>An item's attempts by their total; null of an item that the version has not, or has among more than can be related.</summary>
    public ItemScores? ScoresOf(int itemId) => Array.BinarySearch(itemIds, itemId) is >= 0 and var place && _items[place].SolvedByTotal is { } solved
        ? new ItemScores(_takers, solved)
        : null;

    /// <summary>The version's items by their own, over its attempts alone.</summary>
    /// <param name="questionIds">The ids of the exam's questions by the keys of its items.</param>
    public IEnumerable<ItemSums> Items(Dictionary<int, string> questionIds) => itemIds.Zip(_items, (itemId, counts) => new ItemSums(
        itemId, questionIds[itemId], _takers.Sum(), counts.Solved, counts.Incorrect, counts.MissedSome, counts.Unanswered, ScoresOf(itemId)));

    private void Add(NpgsqlDataReader row)
    {
        var correct = row.Get<int>("correct");
        _takers[correct] += row.Get<long>("attempts");
        var (solved, incorrect) = (row.Get<long[]>("solved"), row.Get<long[]>("incorrect"));
        var (missedSome, unanswered) = (row.Get<long[]>("missed_some"), row.Get<long[]>("unanswered"));
        for (var i = 0; i < _items.Length; i++)
        {
            var item = _items[i];
            item.Solved += solved[i];
            item.Incorrect += incorrect[i];
            item.MissedSome += missedSome[i];
            item.Unanswered += unanswered[i];
            if (_isTableSmall)
            {
                (item.SolvedByTotal ??= new long[_takers.Length])[correct] += solved[i];
            }
        }
    }

    private sealed class Counts
    {
        public long Solved { get; set; }

        public long Incorrect { get; set; }

        public long MissedSome { get; set; }

        public long Unanswered { get; set; }

        public long[]? SolvedByTotal { get; set; }
    }
}
