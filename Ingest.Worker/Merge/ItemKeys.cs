using Assessments;
using Npgsql;
using static Ingest.Worker.Merge.RollupCommands;

namespace Ingest.Worker.Merge;

/// <summary>
/// The answer keys that one batch states: of each question the newest. An event that names no right option of a question says nothing about its key.
/// </summary>
internal sealed class ItemKeys
{
    private readonly SortedDictionary<int, Key> _keys = [];

    /// <summary>Takes what an event says, be it its attempt's newest or not: a key is the same whatever the order of arrival.</summary>
    public void Add(AttemptEvent attempt, Exam exam)
    {
        var version = BatchMerge.VersionOf(attempt);
        foreach (var question in attempt.Questions)
        {
            var item = exam.Items[question.Id ?? ""];
            foreach (var option in question.Options)
            {
                if (option.Correct is true)
                {
                    KeyOf(item.Id, version, attempt.KeenId)?.Options.Add(item.Options[option.Id ?? ""].Id);
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

        KeyValuePair<int, Key>[] keys = [.. _keys];
        (int Item, int Option)[] options = [.. keys.SelectMany(key => key.Value.Options, (key, option) => (key.Key, option))];
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
        if (_keys.TryGetValue(itemId, out var known))
        {
            var order = version != known.Version ? version.CompareTo(known.Version) : CodePointOrder.Compare(keenId, known.KeenId);
            if (order <= 0)
            {
                return order == 0 ? known : null;
            }
        }

        return _keys[itemId] = new Key(version, keenId, []);
    }

    /// <summary>The right options that an event names, in a set, as it may show a question twice.</summary>
    private sealed record Key(long Version, string KeenId, SortedSet<int> Options);
}
