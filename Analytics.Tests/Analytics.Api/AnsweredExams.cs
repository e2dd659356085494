using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Analytics.Tests.Native.Hosting;
using Assessments;
using Npgsql;

namespace Analytics.Tests.Analytics.Api;

/// <summary>What the API answers on the exams whose answers lie in the folder R, each filled into a database of its own when first asked for.</summary>
public sealed class AnsweredExams(PostgresProcess postgres)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "Analytics.Tests", "Analytics.Api", "R");

    private readonly ConcurrentDictionary<string, Lazy<Task<AnsweredExam>>> _exams = new();

    /// <summary>The API's answers on an exam.</summary>
    public Task<AnsweredExam> GetAsync(string name) => _exams.GetOrAdd(name, _ => new Lazy<Task<AnsweredExam>>(() => AskAsync(name))).Value;

    /// <summary>R's figures on an exam; null where R has none.</summary>
    public static IEnumerable<(string Figure, string Key, double? Value)> Expected(string name) =>
        File.ReadLines(Path.Combine(Folder, $"{name}.expected.csv")).Skip(1).Select(line => line.Split(','))
            .Select(cells => (cells[0], cells[1], cells[2].Length == 0 ? (double?)null : double.Parse(cells[2], CultureInfo.InvariantCulture)));

    /// <summary>Makes a database of one exam of a course c.</summary>
    /// <param name="patterns">The takers' answers: 1 correct, 0 wrong, a character an item; items are called q0, q1 and so on.</param>
    /// <param name="takers">How many takers answered in each pattern.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string[] patterns, int[] takers)
    {
        var cancel = TestContext.Current.CancellationToken;
        var database = await postgres.CreateDatabaseAsync();
        await DatabaseSchema.MigrateAsync(database, cancel);
        await using var source = NpgsqlDataSource.Create(database);
        await using var batch = source.CreateBatch();
        foreach (var sql in Statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            if (sql.Contains("$1", StringComparison.Ordinal))
            {
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = patterns });
                command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = takers });
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancel);
        return database;
    }

    private static string[] Statements =>
    [
        "insert into courses (name, slug) values ('C', 'c')",
        "insert into exams (course_id, base_exam_id) values (1, 'e')",
        "create temp table patterns as select row_number() over () pattern_id, pattern, takers from unnest($1::text[], $2::integer[]) as given (pattern, takers)",
        "insert into items (exam_id, question_id) select 1, 'q' || item from generate_series(0, (select max(length(pattern)) - 1 from patterns)) item order by item",
        """
        insert into attempts (user_exam_id, keen_id, version, exam_id, certification)
        select pattern_id || '-' || taker, pattern_id || '-' || taker, 1, 1, false from patterns cross join generate_series(1, takers) taker
        """,
        """
        insert into answers (attempt_id, position, item_id, user_result, user_correct, item_option_ids, checked, submitted, answered_at)
        select attempt_id, item_id - 1, item_id, case substr(pattern, item_id, 1) when '1' then 'correct' else 'incorrect' end, substr(pattern, item_id, 1) = '1', '{}', '{}', '{}', '{}'
        from patterns join attempts on split_part(user_exam_id, '-', 1)::bigint = pattern_id cross join items
        """,
        "insert into exam_totals (exam_id, messages, attempts, unnamed_attempts) select 1, sum(takers), sum(takers), sum(takers) from patterns",
        """
        insert into exam_scores (exam_id, total, correct, messages, attempts)
        select 1, length(pattern), length(replace(pattern, '0', '')), sum(takers), sum(takers) from patterns group by 2, 3
        """,
        "analyze",
    ];

    private async Task<AnsweredExam> AskAsync(string name)
    {
        var (patterns, takers) = await ReadAsync(name);
        await using var api = new ApiServer(await CreateDatabaseAsync(patterns, takers));
        return new AnsweredExam(
            (await api.GetAsync("/api/courses/c/questions"))["exams"]![0]!,
            (await api.GetAsync("/api/courses/c/questions/rasch"))["exams"]![0]!,
            await api.GetAsync("/api/scores"));
    }

    private static async Task<(string[] Patterns, int[] Takers)> ReadAsync(string name)
    {
        var path = Path.Combine(Folder, $"{name}.csv");
        await using Stream file = File.Exists(path) ? File.OpenRead(path) : new GZipStream(File.OpenRead($"{path}.gz"), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        var rows = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).ToArray();
        return ([.. rows.Select(row => row[0])], [.. rows.Select(row => int.Parse(row[1], CultureInfo.InvariantCulture))]);
    }
}

/// <summary>The exam in /api/courses/c/questions, in …/questions/rasch, and /api/scores.</summary>
public sealed record AnsweredExam(JsonNode Analysis, JsonNode Calibration, JsonNode Scores);
