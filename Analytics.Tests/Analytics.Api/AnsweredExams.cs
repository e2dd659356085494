using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Analytics.Tests.Native.Hosting;
using Assessments;
using Npgsql;

namespace Analytics.Tests.Analytics.Api;

/// <summary>What the API answers on the exams whose answers lie in Statistics/R, each filled into a database of its own when first asked for.</summary>
public sealed class AnsweredExams(PostgresProcess postgres)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "Analytics.Tests", "Statistics", "R");

    private readonly ConcurrentDictionary<string, Lazy<Task<AnsweredExam>>> _exams = new();

    /// <summary>The API's answers on an exam.</summary>
    public Task<AnsweredExam> GetAsync(string name) => _exams.GetOrAdd(name, _ => new Lazy<Task<AnsweredExam>>(() => AskAsync(name))).Value;

    /// <summary>R's figures on an exam; null where R has none.</summary>
    public static IEnumerable<(string Figure, string Key, double? Value)> Expected(string name) =>
        File.ReadLines(Path.Combine(Folder, $"{name}.expected.csv")).Skip(1).Select(line => line.Split(','))
            .Select(cells => (cells[0], cells[1], cells[2].Length == 0 ? (double?)null : double.Parse(cells[2], CultureInfo.InvariantCulture)));

    /// <summary>Makes a database of one exam e of a course c.</summary>
    /// <param name="patterns">The takers' answers: 1 correct, 0 wrong, - not shown, a character an item; items are called q0, q1 and so on.</param>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync(params string[] patterns) =>
        CreateDatabaseAsync([.. patterns.Select(pattern => new ResponsePattern("e", pattern, 1))]);

    /// <summary>Makes a database of exams of a course c.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(ResponsePattern[] patterns)
    {
        var cancel = TestContext.Current.CancellationToken;
        var database = await new SmallWorldApi(postgres).CreateFirstDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var batch = source.CreateBatch();
        foreach (var sql in Statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            if (sql.Contains("$1", StringComparison.Ordinal))
            {
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. patterns.Select(pattern => pattern.Exam)] });
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. patterns.Select(pattern => pattern.Answers)] });
                command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. patterns.Select(pattern => pattern.Takers)] });
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancel);
        await DatabaseSchema.MigrateAsync(database, cancel);
        return database;
    }

    private static string[] Statements =>
    [
        "insert into courses (name, slug) values ('C', 'c')",
        """
        create temp table patterns as
        select row_number() over () pattern_id, base_exam_id, pattern, takers
        from unnest($1::text[], $2::text[], $3::integer[]) as given (base_exam_id, pattern, takers)
        """,
        "insert into exams (course_id, base_exam_id) select distinct 1, base_exam_id from patterns",
        """
        insert into items (exam_id, question_id)
        select distinct exam_id, 'q' || item from patterns join exams using (base_exam_id) cross join generate_series(0, length(pattern) - 1) item
        """,
        """
        insert into attempts (user_exam_id, keen_id, version, exam_id, certification)
        select pattern_id || '-' || taker, pattern_id || '-' || taker, 1, exam_id, false
        from patterns join exams using (base_exam_id) cross join generate_series(1, takers) taker
        """,
        """
        insert into answers (attempt_id, position, item_id, user_result, user_correct, item_option_ids, checked, submitted, answered_at)
        select attempt_id, place - 1, item_id, case answer when '1' then 'correct' else 'incorrect' end, answer = '1', '{}', '{}', '{}', '{}'
        from patterns join attempts on split_part(user_exam_id, '-', 1)::bigint = pattern_id
          cross join string_to_table(pattern, null) with ordinality as given (answer, place)
          join items on items.exam_id = attempts.exam_id and question_id = 'q' || place - 1
        where answer <> '-'
        """,
        """
        insert into exam_totals (exam_id, messages, attempts, unnamed_attempts)
        select exam_id, sum(takers), sum(takers), sum(takers) from patterns join exams using (base_exam_id) group by exam_id
        """,
        """
        insert into exam_scores (exam_id, total, correct, messages, attempts)
        select exam_id, length(replace(pattern, '-', '')), length(translate(pattern, '0-', '')), sum(takers), sum(takers)
        from patterns join exams using (base_exam_id)
        group by 1, 2, 3
        """,
        "analyze",
    ];

    private async Task<AnsweredExam> AskAsync(string name)
    {
        await using var api = new ApiServer(await CreateDatabaseAsync(await ReadAsync(name)));
        return new AnsweredExam(
            (await api.GetAsync("/api/courses/c/questions"))["exams"]![0]!,
            (await api.GetAsync("/api/courses/c/questions/rasch"))["exams"]![0]!,
            await api.GetAsync("/api/scores"));
    }

    private static async Task<ResponsePattern[]> ReadAsync(string name)
    {
        var path = Path.Combine(Folder, $"{name}.csv");
        await using Stream file = File.Exists(path) ? File.OpenRead(path) : new GZipStream(File.OpenRead($"{path}.gz"), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        return
        [
            .. (await reader.ReadToEndAsync(TestContext.Current.CancellationToken))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))
                .Select(cells => new ResponsePattern("e", cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture))),
        ];
    }
}

/// <summary>How many takers of an exam answered in just this way.</summary>
public sealed record ResponsePattern(string Exam, string Answers, int Takers);

/// <summary>The exam in /api/courses/c/questions, in …/questions/rasch, and /api/scores.</summary>
public sealed record AnsweredExam(JsonNode Analysis, JsonNode Calibration, JsonNode Scores);
