using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>What ingest has kept of an exam's answers.</summary>
/// <param name="BaseExamId">The exam's base_exam_id.</param>
/// <param name="Course">The name of its course.</param>
/// <param name="Attempts">Attempts that were shown at least one question.</param>
/// <param name="Version">The version that was asked for, else the one that most attempts had; null for the exam as a whole.</param>
/// <param name="Versions">Versions that attempts had, by <see cref="ExamVersion.Sort"/>: the first of them, and the one that was asked for.</param>
/// <param name="HasMoreVersions">Whether there are versions that are not listed.</param>
/// <param name="Table">
/// The attempts of the version; else those of the exam's length: as many questions as most attempts were shown, on a tie the greater number.
/// </param>
/// <param name="Items">
/// Every question of the version that was asked for, over its attempts; else every question that an attempt was shown, over all that were shown it.
/// Those of <paramref name="Table"/> come first and in its order.
/// </param>
internal sealed record ExamSums(
    string BaseExamId, string Course, long Attempts, ExamVersion? Version, IReadOnlyList<ExamVersion> Versions, bool HasMoreVersions,
    ScoreTable Table, IReadOnlyList<ItemSums> Items)
{
    /// <summary>
    /// The most counts in a table, items times totals: 1,000 questions have 1,001,000. An exam of more keeps its own figures and its items' counts.
    /// </summary>
    public const int MostCells = 1 << 22;

    private const string NamesSql = $"""
        select exam_id, name, base_exam_id
        from exams join courses using (course_id)
        where exam_id in {Scope.Exams}
        order by base_exam_id, name
        """;

    // One more than is listed, to know whether there are more.
    private const string VersionsSql = $"""
        select listed.exam_id, version, cardinality(item_ids) questions, attempts,
          (select min(started_at) from attempts where attempts.exam_version_id = listed.exam_version_id) first_start,
          (select max(started_at) from attempts where attempts.exam_version_id = listed.exam_version_id) last_start
        from exams cross join lateral (
          (select * from exam_versions where exam_versions.exam_id = exams.exam_id and attempts > 0 order by attempts desc, version limit 21)
          union
          select * from exam_versions where exam_versions.exam_id = exams.exam_id and attempts > 0 and version = $3) listed
        where exams.exam_id in {Scope.Exams}
        """;

    private const string ResultsSql = $"""
        select exam_id, questions, correct, attempts
        from exam_results
        where attempts > 0 and exam_id in {Scope.Exams}
        """;

    private const string ItemsSql = $"""
        select exam_id, item_id, question_id, questions, correct, attempts, solved, incorrect, missed_some, unanswered
        from item_results join items using (item_id)
        where attempts > 0 and exam_id in {Scope.Exams}
        order by item_id
        """;

    // The version asked for, else the two that can be the one that most attempts had.
    private const string VersionResultsSql = $"""
        select exams.exam_id, version, item_ids, correct, results.attempts, solved, incorrect, missed_some, unanswered
        from exams cross join lateral (
            select * from exam_versions
            where exam_versions.exam_id = exams.exam_id and attempts > 0 and ($3::text is null or version = $3)
            order by attempts desc, version limit 2) asked
          join exam_version_results results using (exam_version_id)
        where results.attempts > 0 and exams.exam_id in {Scope.Exams}
        """;

    private const string ItemNamesSql = $"""
        select item_id, text, topic
        from item_names
        where exam_id in {Scope.Exams}
        """;

    /// <summary>The queries that <see cref="ReadAsync"/> reads, over <see cref="Parameters"/>.</summary>
    public static string[] Queries { get; } = [NamesSql, VersionsSql, ResultsSql, ItemsSql, VersionResultsSql, ItemNamesSql];

    /// <summary>The parameters of a <see cref="Scope"/>, and $3, the version; null for the one that most attempts had.</summary>
    public static NpgsqlParameter[] Parameters(Filter filter) => [.. Scope.Parameters(filter), new NpgsqlParameter<string?> { TypedValue = filter.Version }];

    /// <summary>Reads the exams in scope by base_exam_id, and goes on to the result after them.</summary>
    /// <returns>The name of their course, and the exams; of these only those that have the version that was asked for.</returns>
    public static async Task<(string Course, List<ExamSums> Exams)> ReadAsync(NpgsqlDataReader reader, string? version, CancellationToken cancellationToken)
    {
        var names = await reader.ReadAllAsync(
            row => (ExamId: row.Get<int>("exam_id"), Course: row.Get<string>("name"), BaseExamId: row.Get<string>("base_exam_id")), cancellationToken);
        var versions = (await reader.ReadAllAsync(
            row => (
                ExamId: row.Get<int>("exam_id"),
                Version: new ExamVersion(
                    row.Get<string>("version"), row.Get<int>("questions"), row.Get<long>("attempts"),
                    row.Get<DateTime?>("first_start"), row.Get<DateTime?>("last_start"))),
            cancellationToken)).ToLookup(row => row.ExamId, row => row.Version);
        var results = (await reader.ReadAllAsync(
            row => (ExamId: row.Get<int>("exam_id"), Result: new Result(row.Get<int>("questions"), row.Get<int>("correct"), row.Get<long>("attempts"), 0)),
            cancellationToken)).ToLookup(row => row.ExamId, row => row.Result);
        var items = (await reader.ReadAllAsync(
            row => (
                ExamId: row.Get<int>("exam_id"), ItemId: row.Get<int>("item_id"), QuestionId: row.Get<string>("question_id"),
                Result: new Result(row.Get<int>("questions"), row.Get<int>("correct"), row.Get<long>("attempts"), row.Get<long>("solved")),
                Incorrect: row.Get<long>("incorrect"), MissedSome: row.Get<long>("missed_some"), Unanswered: row.Get<long>("unanswered")),
            cancellationToken)).ToLookup(row => row.ExamId);
        var versionSums = await VersionSums.ReadAsync(reader, cancellationToken);
        var itemNames = (await reader.ReadAllAsync(
            row => (ItemId: row.Get<int>("item_id"), Text: row.GetOrNull<string>("text"), Topic: row.GetOrNull<string>("topic")), cancellationToken))
            .ToDictionary(row => row.ItemId, row => (row.Text, row.Topic));
        var exams = new List<ExamSums>(names.Count);
        foreach (var name in names)
        {
            var attempts = results[name.ExamId].Sum(result => result.Attempts);
            var known = versions[name.ExamId].ToList();
            var chosen = version is null ? ExamVersion.MainOf(known, attempts) : known.Find(candidate => candidate.Version == version);
            if (version is not null && chosen is null)
            {
                continue;
            }

            var ofVersion = chosen is null ? null : versionSums[(name.ExamId, chosen.Version)];
            var length = chosen?.Questions ?? ScoreTable.LengthOf(results[name.ExamId].Select(result => (result.Questions, result.Attempts)));
            var byItem = items[name.ExamId].GroupBy(row => (row.ItemId, row.QuestionId)).ToList();
            var isTableSmall = (long)byItem.Count * (length + 1) <= MostCells;
            var itemSums = (version is not null
                    ? ofVersion!.Items(byItem.ToDictionary(rows => rows.Key.ItemId, rows => rows.Key.QuestionId))
                    : byItem.Select(rows => new ItemSums(
                        rows.Key.ItemId, rows.Key.QuestionId, rows.Sum(row => row.Result.Attempts), rows.Sum(row => row.Result.Solved),
                        rows.Sum(row => row.Incorrect), rows.Sum(row => row.MissedSome), rows.Sum(row => row.Unanswered),
                        ofVersion is not null ? ofVersion.ScoresOf(rows.Key.ItemId)
                        : isTableSmall && rows.Any(row => row.Result.Questions == length)
                            ? new ItemScores(
                                ByTotal(length, rows.Select(row => row.Result), result => result.Attempts),
                                ByTotal(length, rows.Select(row => row.Result), result => result.Solved))
                            : null)))
                .OrderBy(item => item.Scores is null)
                .Select(item => itemNames.TryGetValue(item.ItemId, out var named) ? item with { Text = named.Text, Topic = named.Topic } : item)
                .ToList();
            var table = ofVersion?.Table() ?? new ScoreTable(
                length, ByTotal(length, results[name.ExamId], result => result.Attempts), [.. itemSums.Select(item => item.Scores).OfType<ItemScores>()]);
            List<ExamVersion> listed = [.. ExamVersion.Sort(known).Where((candidate, place) => place < ExamVersion.MostListed || candidate == chosen)];
            exams.Add(new ExamSums(name.BaseExamId, name.Course, attempts, chosen, listed, listed.Count < known.Count, table, itemSums));
        }

        return (names.Count == 0 ? "" : names[0].Course, exams);
    }

    private static long[] ByTotal(int length, IEnumerable<Result> results, Func<Result, long> count)
    {
        var counts = new long[length + 1];
        foreach (var result in results.Where(result => result.Questions == length))
        {
            counts[result.Correct] += count(result);
        }

        return counts;
    }

    private sealed record Result(int Questions, int Correct, long Attempts, long Solved);
}

/// <summary>What ingest has kept of the answers to a question, over attempts of every length.</summary>
/// <param name="ItemId">Its key in the database.</param>
/// <param name="QuestionId">Its id; empty where the events have none.</param>
/// <param name="Attempts">Attempts that were shown it.</param>
/// <param name="Correct">How many of them answered it correctly.</param>
/// <param name="Incorrect">How many chose a wrong option.</param>
/// <param name="MissedSome">How many missed a right one.</param>
/// <param name="Omitted">How many did not answer it.</param>
/// <param name="Scores">The attempts of the exam's length that were shown it, by their total; null where there are none, or more items than can be
/// related.</param>
internal sealed record ItemSums(
    int ItemId, string QuestionId, long Attempts, long Correct, long Incorrect, long MissedSome, long Omitted, ItemScores? Scores)
{
    /// <summary>What it asks, by the catalogue.</summary>
    public string? Text { get; init; }

    /// <summary>What it is about, by the catalogue.</summary>
    public string? Topic { get; init; }
}
