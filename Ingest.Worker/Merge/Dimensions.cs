using System.Data;
using Assessments;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Merge;

/// <summary>A course as the database knows it.</summary>
internal sealed record Course(int Id)
{
    public Dictionary<string, Exam> Exams { get; } = new(StringComparer.Ordinal);
}

/// <summary>An exam of a course.</summary>
internal sealed record Exam(int Id, int CourseId)
{
    public Dictionary<string, Item> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>By the set of their items.</summary>
    public Dictionary<int[], ExamVersion> Versions { get; } = new(ItemSet.Comparer);
}

/// <summary>A question of an exam.</summary>
internal sealed record Item(int Id)
{
    public Dictionary<string, ItemOption> Options { get; } = new(StringComparer.Ordinal);
}

/// <summary>An option of a question.</summary>
internal sealed record ItemOption(int Id);

/// <summary>
/// The keys of courses, exams, their versions, questions and options, made in the batch's transaction where they are new and remembered for the next batches.
/// Whoever rolls a transaction back calls <see cref="Forget"/>: the keys it made are gone.
/// </summary>
internal sealed class Dimensions
{
    private const int Capacity = 1_000_000;
    private readonly Dictionary<string, Course> _courses = new(StringComparer.Ordinal); // By their names as events write them.
    private readonly Dictionary<int, Course> _coursesById = [];
    private int _size;

    public void Forget()
    {
        _courses.Clear();
        _coursesById.Clear();
        _size = 0;
    }

    /// <summary>Finds or makes everything that the events name. Level by level and by name, so that two workers take locks in one order.</summary>
    /// <param name="connection">In the batch's transaction.</param>
    /// <param name="attempts">The events.</param>
    /// <param name="keys">Gets the keys of each event.</param>
    /// <param name="cancellationToken">Ends the wait for another worker.</param>
    public async Task EnsureAsync(
        NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, Dictionary<AttemptEvent, AttemptKeys> keys, CancellationToken cancellationToken)
    {
        if (_size > Capacity)
        {
            Forget();
        }

        var unknown = new List<AttemptEvent>();
        foreach (var attempt in attempts)
        {
            if (KeysOf(attempt) is { } known)
            {
                keys[attempt] = known;
            }
            else
            {
                unknown.Add(attempt);
            }
        }

        if (unknown.Count == 0)
        {
            return;
        }

        await EnsureCoursesAsync(connection, unknown, cancellationToken);
        await EnsureExamsAsync(connection, unknown, cancellationToken);
        await EnsureItemsAsync(connection, unknown, cancellationToken);
        await EnsureOptionsAsync(connection, unknown, cancellationToken);
        await EnsureVersionsAsync(connection, unknown, cancellationToken);
        foreach (var attempt in unknown)
        {
            keys[attempt] = KeysOf(attempt)!;
        }
    }

    /// <summary>The keys of all that an event names; null if one of them is not known yet.</summary>
    private AttemptKeys? KeysOf(AttemptEvent attempt)
    {
        if (!_courses.TryGetValue(attempt.ExamName ?? "", out var course) || !course.Exams.TryGetValue(attempt.BaseExamId ?? "", out var exam))
        {
            return null;
        }

        var questions = attempt.Questions;
        var optionCount = 0;
        for (var q = 0; q < questions.Count; q++)
        {
            optionCount += questions[q].Options.Count;
        }

        var (itemIds, optionIds) = (new int[questions.Count], new int[optionCount]);
        var at = 0;
        for (var q = 0; q < questions.Count; q++)
        {
            if (!exam.Items.TryGetValue(questions[q].Id ?? "", out var item))
            {
                return null;
            }

            itemIds[q] = item.Id;
            var options = questions[q].Options;
            for (var o = 0; o < options.Count; o++)
            {
                if (!item.Options.TryGetValue(options[o].Id ?? "", out var option))
                {
                    return null;
                }

                optionIds[at++] = option.Id;
            }
        }

        if (itemIds.Length == 0)
        {
            return new AttemptKeys(exam, null, itemIds, optionIds);
        }

        var set = itemIds.Length <= 64 ? stackalloc int[itemIds.Length] : new int[itemIds.Length];
        itemIds.CopyTo(set);
        return exam.Versions.GetAlternateLookup<ReadOnlySpan<int>>().TryGetValue(ItemSet.Of(set), out var version)
            ? new AttemptKeys(exam, version, itemIds, optionIds)
            : null;
    }

    private Exam ExamOf(AttemptEvent attempt) => _courses[attempt.ExamName ?? ""].Exams[attempt.BaseExamId ?? ""];

    private async Task EnsureCoursesAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var attempt in attempts)
        {
            if (!_courses.ContainsKey(attempt.ExamName ?? ""))
            {
                missing.Add(attempt.ExamName ?? "");
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        string[] written = [.. missing];
        var names = new string[written.Length];
        var ids = new int?[written.Length];
        await using (var find = new NpgsqlCommand(
            """
            select normalize(clean, nfc) as name, course_id
            from unnest($1) with ordinality as missing (clean, place) left join courses on name = normalize(clean, nfc)
            order by place
            """,
            connection))
        {
            find.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(written, CourseName.From) });
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            for (var i = 0; await reader.ReadAsync(cancellationToken); i++)
            {
                (names[i], ids[i]) = (reader.GetString("name"), reader.GetFieldValue<int?>("course_id"));
            }
        }

        for (var i = 0; i < written.Length; i++)
        {
            AddCourse(written[i], ids[i] ?? await MakeCourseAsync(connection, names[i], cancellationToken));
        }
    }

    /// <summary>Several ways of writing a name are one course.</summary>
    private void AddCourse(string written, int id)
    {
        if (!_coursesById.TryGetValue(id, out var course))
        {
            _coursesById.Add(id, course = new Course(id));
        }

        _courses.Add(written, course);
        _size++;
    }

    /// <summary>Makes a course; of all whose names share a slug the preferred has it plain, whichever came first.</summary>
    private static async Task<int> MakeCourseAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        // One worker at a time; whoever waited finds what the other made.
        await using (var wait = new NpgsqlCommand("lock table courses in share row exclusive mode", connection))
        {
            await wait.ExecuteNonQueryAsync(cancellationToken);
        }

        var slug = Slug.From(name);
        string? holder = null;
        await using (var find = new NpgsqlCommand("select course_id, name from courses where name = $1 or slug = $2", connection))
        {
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var known = reader.GetString("name");
                if (known == name)
                {
                    return reader.GetInt32("course_id");
                }

                holder = known;
            }
        }

        var isPreferred = holder is null || Slug.IsPreferred(name, holder);
        if (holder is not null && isPreferred)
        {
            await using var leave = new NpgsqlCommand("update courses set slug = $1 where name = $2", connection);
            leave.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Slug.WithHash(holder) });
            leave.Parameters.Add(new NpgsqlParameter<string> { TypedValue = holder });
            await leave.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var make = new NpgsqlCommand("insert into courses (name, slug) values ($1, $2) returning course_id", connection);
        make.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        make.Parameters.Add(new NpgsqlParameter<string> { TypedValue = isPreferred ? slug : Slug.WithHash(name) });
        return (int)(await make.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task EnsureExamsAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var missing = new Dictionary<(int, string), Course>();
        foreach (var attempt in attempts)
        {
            var course = _courses[attempt.ExamName ?? ""];
            if (!course.Exams.ContainsKey(attempt.BaseExamId ?? ""))
            {
                missing.TryAdd((course.Id, attempt.BaseExamId ?? ""), course);
            }
        }

        await FindOrMakeAsync(
            connection,
            """
            select exam_id as id, course_id as parent, base_exam_id as name
            from exams join unnest($1, $2) as k (course_id, base_exam_id) using (course_id, base_exam_id)
            """,
            "insert into exams (course_id, base_exam_id) select * from unnest($1, $2) on conflict do nothing",
            missing,
            (course, name, id) => course.Exams.Add(name, new Exam(id, course.Id)),
            cancellationToken);
    }

    private async Task EnsureItemsAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var missing = new Dictionary<(int, string), Exam>();
        foreach (var attempt in attempts)
        {
            var exam = ExamOf(attempt);
            foreach (var question in attempt.Questions)
            {
                if (!exam.Items.ContainsKey(question.Id ?? ""))
                {
                    missing.TryAdd((exam.Id, question.Id ?? ""), exam);
                }
            }
        }

        await FindOrMakeAsync(
            connection,
            """
            select item_id as id, exam_id as parent, question_id as name
            from items join unnest($1, $2) as k (exam_id, question_id) using (exam_id, question_id)
            """,
            "insert into items (exam_id, question_id) select * from unnest($1, $2) on conflict do nothing",
            missing,
            (exam, name, id) => exam.Items.Add(name, new Item(id)),
            cancellationToken);
    }

    private async Task EnsureOptionsAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var missing = new Dictionary<(int, string), Item>();
        foreach (var (item, option) in Options(attempts))
        {
            if (!item.Options.ContainsKey(option.Id ?? ""))
            {
                missing.TryAdd((item.Id, option.Id ?? ""), item);
            }
        }

        await FindOrMakeAsync(
            connection,
            """
            select item_option_id as id, item_id as parent, option_id as name
            from item_options join unnest($1, $2) as k (item_id, option_id) using (item_id, option_id)
            """,
            "insert into item_options (item_id, option_id, is_correct) select *, false from unnest($1, $2) on conflict do nothing",
            missing,
            (item, name, id) => item.Options.Add(name, new ItemOption(id)),
            cancellationToken);
    }

    private async Task EnsureVersionsAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var missing = new Dictionary<(int, string), (Exam Exam, int[] Items)>();
        foreach (var attempt in attempts)
        {
            var exam = ExamOf(attempt);
            var items = ItemSet.Of([.. attempt.Questions.Select(question => exam.Items[question.Id ?? ""].Id)]).ToArray();
            if (ExamVersion.NameOf(attempt) is { } name && !exam.Versions.ContainsKey(items))
            {
                missing.TryAdd((exam.Id, name), (exam, items));
            }
        }

        await FindOrMakeAsync(
            connection,
            """
            select exam_version_id as id, exam_id as parent, version as name
            from exam_versions join unnest($1, $2) as k (exam_id, version) using (exam_id, version)
            """,
            """
            insert into exam_versions (exam_id, version, item_ids)
            select exam_id, version, item_ids::integer[] from unnest($1, $2, $3) as new (exam_id, version, item_ids) on conflict do nothing
            """,
            missing,
            (version, _, id) => version.Exam.Versions.Add(version.Items, new ExamVersion(id)),
            cancellationToken,
            version => $"{{{string.Join(',', version.Items)}}}");
    }

    private IEnumerable<(Item Item, Option Option)> Options(IReadOnlyList<AttemptEvent> attempts)
    {
        foreach (var attempt in attempts)
        {
            var exam = ExamOf(attempt);
            foreach (var question in attempt.Questions)
            {
                var item = exam.Items[question.Id ?? ""];
                foreach (var option in question.Options)
                {
                    yield return (item, option);
                }
            }
        }
    }

    /// <summary>
    /// Selects id, parent and name first, so that known rows cost no new key; what another worker makes meanwhile is found by the next select.
    /// The insert has parents and names as parameters, and as a third one what else the rows need.
    /// </summary>
    private async Task FindOrMakeAsync<TParent>(
        NpgsqlConnection connection,
        string select,
        string insert,
        Dictionary<(int Parent, string Name), TParent> missing,
        Action<TParent, string, int> add,
        CancellationToken cancellationToken,
        Converter<TParent, string>? third = null)
    {
        while (missing.Count > 0)
        {
            await using (var find = OfKeys(select, connection, missing))
            await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    var name = reader.GetString("name");
                    if (missing.Remove((reader.GetInt32("parent"), name), out var parent))
                    {
                        add(parent, name, reader.GetInt32("id"));
                        _size++;
                    }
                }
            }

            if (missing.Count > 0)
            {
                await using var make = OfKeys(insert, connection, missing, third);
                await make.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    private static NpgsqlCommand OfKeys<TParent>(
        string sql, NpgsqlConnection connection, Dictionary<(int Parent, string Name), TParent> keys, Converter<TParent, string>? third = null)
    {
        var sorted = keys.Keys.Order().ToArray();
        var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = Array.ConvertAll(sorted, key => key.Parent), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer },
                new NpgsqlParameter { Value = Array.ConvertAll(sorted, key => key.Name), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
        if (third is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(sorted, key => third(keys[key])) });
        }

        return command;
    }
}
