using Assessments;
using Npgsql;
using static Ingest.Worker.Merge.RollupCommands;

namespace Ingest.Worker.Merge;

/// <summary>
/// The answer keys that one batch states: of each question the newest. An event that names no right option of a question says nothing about its key.
/// </summary>
internal sealed class ItemKeys
{
    private readonly Dictionary<int, Key> _keys = [];

    /// <summary>Takes what an event says, be it its attempt's newest or not: a key is the same whatever the order of arrival.</summary>
    public void Add(AttemptEvent attempt, AttemptKeys keys)
    {
        var version = BatchMerge.VersionOf(attempt);
        var at = 0;
        for (var q = 0; q < keys.ItemIds.Length; q++)
        {
            var options = attempt.Questions[q].Options;
            for (var o = 0; o < options.Count; o++, at++)
            {
                if (options[o].Correct is true)
                {
                    KeyOf(keys.ItemIds[q], version, attempt.KeenId)?.Options.Add(keys.OptionIds[at]);
                }
            }
        }
    }

    /// <summary>The statements that keep the keys that are newer than the known ones; the second sees what other workers wrote before the first.</summary>
    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (_keys.Count == 0)
        {
            yield break;
        }

        KeyValuePair<int, Key>[] keys = [.. _keys.OrderBy(key => key.Key)];
        (int Item, int Option)[] options = [.. keys.SelectMany(key => key.Value.Options.Distinct(), (key, option) => (key.Key, option))];
        yield return Command(
            """
            insert into item_keys as old (item_id, version, keen_id, item_option_ids)
            select item_id, version, keen_id, item_option_ids
            from unnest($1, $2, $3) as key (item_id, version, keen_id)
              join (select item_id, array_agg(item_option_id order by item_option_id) as item_option_ids
                from unnest($4, $5) as options (item_id, item_option_id) group by item_id) as options using (item_id)
            order by item_id
            on conflict (item_id) do update set version = excluded.version, keen_id = excluded.keen_id, item_option_ids = excluded.item_option_ids
            where (excluded.version, excluded.keen_id) > (old.version, old.keen_id)
            """,
            Column(keys, key => key.Key),
            Column(keys, key => key.Value.Version),
            Column(keys, key => key.Value.KeenId),
            Column(options, option => option.Item),
            Column(options, option => option.Option));
        yield return Command(
            """
            update item_options set is_correct = not is_correct
            from item_keys
            where item_keys.item_id = any($1) and item_options.item_id = item_keys.item_id and is_correct <> (item_option_id = any(item_option_ids))
            """,
            Column(keys, key => key.Key));
    }

    /// <summary>The key that an event adds to; null if a newer event has stated it.</summary>
    private Key? KeyOf(int itemId, long version, string keenId)
    {
        if (!_keys.TryGetValue(itemId, out var key))
        {
            return _keys[itemId] = new Key { Version = version, KeenId = keenId };
        }

        var order = version != key.Version ? version.CompareTo(key.Version) : CodePointOrder.Compare(keenId, key.KeenId);
        if (order > 0)
        {
            (key.Version, key.KeenId) = (version, keenId);
            key.Options.Clear();
        }

        return order >= 0 ? key : null;
    }

    /// <summary>The right options that the newest event names; twice those of a question that it shows twice.</summary>
    private sealed class Key
    {
        public required long Version { get; set; }

        public required string KeenId { get; set; }

        public List<int> Options { get; } = [];
    }
}
