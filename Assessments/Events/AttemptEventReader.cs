using System.Globalization;
using System.Text.Json;

namespace Assessments;

/// <summary>
/// Reads one event from its JSON bytes. Any part may be missing and in any order, null counts as missing, unknown fields are skipped, and of a
/// name that comes twice the last one holds. A known field with a value that can't be read makes the event invalid: leaving it out would make a wrong answer.
/// </summary>
public static class AttemptEventReader
{
    private const int MostEnvelopes = 3;

    /// <summary>Reads a whole event, be it in the envelope of Kafka Connect, Debezium, CloudEvents or kcat.</summary>
    /// <param name="utf8">Exactly one JSON object; white space around it and a byte order mark before it are allowed.</param>
    /// <exception cref="InvalidEventException">
    /// The bytes are not JSON, no object, of another format, lack keen_id or user_exam_id, exceed <see cref="EventLimits"/>, or a known field can't be read.
    /// </exception>
    public static AttemptEvent Read(ReadOnlySpan<byte> utf8) => Read(utf8, envelopes: 0);

    private static AttemptEvent Read(ReadOnlySpan<byte> utf8, int envelopes)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }
        else if (utf8 is [0, _, _, _, _, (byte)'{', ..])
        {
            utf8 = utf8[5..]; // Confluent's serializers write a zero and the schema's id first.
        }

        var json = new EventJson(utf8);
        try
        {
            return ReadEvent(ref json) ?? ReadWrapped(utf8, envelopes);
        }
        catch (JsonException broken)
        {
            throw new InvalidEventException(json.Explain(broken));
        }
    }

    /// <summary>What names no attempt and no event may hold one, or be of a format that is known.</summary>
    private static AttemptEvent ReadWrapped(ReadOnlySpan<byte> utf8, int envelopes)
    {
        var envelope = Envelope.Of(utf8);
        if (envelope.Content is null || envelopes == MostEnvelopes)
        {
            throw envelope.Problem is { } problem
                ? new InvalidEventException(problem) { IsOtherFormat = envelope.IsOtherFormat }
                : new InvalidEventException("keen_id and user_exam_id are missing.");
        }

        try
        {
            return Read(envelope.Content, envelopes + 1);
        }
        catch (InvalidEventException invalid)
        {
            throw new InvalidEventException($"In {envelope.Name}: {invalid.Reason}");
        }
    }

    /// <returns>The event; null for an object with neither of its ids.</returns>
    private static AttemptEvent? ReadEvent(ref EventJson json)
    {
        json.StartEvent();
        string? keenId = null, userExamId = null, userId = null, baseExamId = null, examName = null;
        long? keenTimestamp = null, keenCreatedAt = null;
        DateTime? startedAt = null;
        bool? certification = null;
        int? maxAttempts = null;
        Sequence sequence = default;
        while (json.NextName("event"))
        {
            var name = json.Name;
            if (name.SequenceEqual("sequences"u8))
            {
                sequence = ReadSequence(ref json);
            }
            else if (name.SequenceEqual("keen_timestamp"u8))
            {
                keenTimestamp = json.ReadTicks("keen_timestamp");
            }
            else if (name.SequenceEqual("keen_created_at"u8))
            {
                keenCreatedAt = json.ReadTicks("keen_created_at");
            }
            else if (name.SequenceEqual("keen_id"u8))
            {
                keenId = json.ReadId("keen_id");
            }
            else if (name.SequenceEqual("user_exam_id"u8))
            {
                userExamId = json.ReadId("user_exam_id");
            }
            else if (name.SequenceEqual("started_at"u8))
            {
                startedAt = json.ReadTime("started_at");
            }
            else if (name.SequenceEqual("base_exam_id"u8))
            {
                baseExamId = json.ReadSharedId("base_exam_id");
            }
            else if (name.SequenceEqual("exam_name"u8))
            {
                examName = json.ReadSharedId("exam_name");
            }
            else if (name.SequenceEqual("certification"u8))
            {
                certification = json.ReadBoolean("certification");
            }
            else if (name.SequenceEqual("max_attempts"u8))
            {
                maxAttempts = json.ReadWholeNumber("max_attempts");
            }
            else if (name.SequenceEqual("user_id"u8))
            {
                userId = json.ReadSharedId("user_id");
            }
            else
            {
                json.Skip();
            }
        }

        json.EndEvent();
        return keenId is null && userExamId is null ? null : new AttemptEvent
        {
            KeenId = Required(keenId, "keen_id"),
            UserExamId = Required(userExamId, "user_exam_id"),
            KeenTimestamp = keenTimestamp,
            KeenCreatedAt = keenCreatedAt,
            StartedAt = startedAt,
            UserId = userId,
            BaseExamId = baseExamId,
            ExamName = examName,
            Certification = certification ?? false,
            MaxAttempts = maxAttempts,
            SequenceId = sequence.Id,
            Attempt = sequence.Attempt,
            Counts = sequence.Counts,
            Questions = sequence.Questions ?? [],
        };
    }

    private static string Required(string? id, string field) => string.IsNullOrEmpty(id)
        ? throw new InvalidEventException($"{field} is {(id is null ? "missing" : "empty")}.")
        : id;

    private static Sequence ReadSequence(ref EventJson json)
    {
        Sequence sequence = default;
        if (!json.StartObject("sequences"))
        {
            return sequence;
        }

        while (json.NextName("sequences"))
        {
            var name = json.Name;
            if (name.SequenceEqual("questions"u8))
            {
                sequence.Questions = ReadQuestions(ref json);
            }
            else if (name.SequenceEqual("counts"u8))
            {
                sequence.Counts = ReadCounts(ref json);
            }
            else if (name.SequenceEqual("id"u8))
            {
                sequence.Id = json.ReadSharedId("sequences.id");
            }
            else if (name.SequenceEqual("attempt"u8))
            {
                sequence.Attempt = json.ReadWholeNumber("sequences.attempt");
            }
            else
            {
                json.Skip();
            }
        }

        return sequence;
    }

    private static AttemptCounts? ReadCounts(ref EventJson json)
    {
        if (!json.StartObject("counts"))
        {
            return null;
        }

        int? total = null, correct = null, incorrect = null, incomplete = null, submitted = null, unanswered = null;
        bool? allCorrect = null;
        var position = json.Position;
        while (json.NextName("counts"))
        {
            var name = json.Name;
            if (name.SequenceEqual("total"u8))
            {
                total = json.ReadCount("counts.total");
            }
            else if (name.SequenceEqual("correct"u8))
            {
                correct = json.ReadCount("counts.correct");
            }
            else if (name.SequenceEqual("incorrect"u8))
            {
                incorrect = json.ReadCount("counts.incorrect");
            }
            else if (name.SequenceEqual("incomplete"u8))
            {
                incomplete = json.ReadCount("counts.incomplete");
            }
            else if (name.SequenceEqual("submitted"u8))
            {
                submitted = json.ReadCount("counts.submitted");
            }
            else if (name.SequenceEqual("unanswered"u8))
            {
                unanswered = json.ReadCount("counts.unanswered");
            }
            else if (name.SequenceEqual("all_correct"u8))
            {
                allCorrect = json.ReadBoolean("counts.all_correct");
            }
            else
            {
                json.Skip();
            }
        }

        return correct > total
            ? throw EventJson.Invalid("counts", position, "has more correct answers than questions in total")
            : new AttemptCounts(total, correct, incorrect, incomplete, submitted, unanswered, allCorrect);
    }

    private static Question[] ReadQuestions(ref EventJson json)
    {
        if (!json.StartArray("questions"))
        {
            return [];
        }

        var position = json.Position;
        var questions = EventJson.QuestionList;
        questions.Clear();
        while (json.NextObject("questions"))
        {
            questions.Add(ReadQuestion(ref json));
        }

        return questions.Count <= EventLimits.Questions ? questions.ToArray() : throw TooMany("questions", position, questions.Count, EventLimits.Questions);
    }

    private static Question ReadQuestion(ref EventJson json)
    {
        string? id = null, userResult = null;
        bool? correct = null, incomplete = null, submitted = null;
        Option[] options = [];
        while (json.NextName("questions"))
        {
            var name = json.Name;
            if (name.SequenceEqual("options"u8))
            {
                options = ReadOptions(ref json);
            }
            else if (name.SequenceEqual("id"u8))
            {
                id = json.ReadSharedId("questions.id");
            }
            else if (name.SequenceEqual("user_result"u8))
            {
                userResult = json.ReadWord("questions.user_result");
            }
            else if (name.SequenceEqual("user_correct"u8))
            {
                correct = json.ReadBoolean("questions.user_correct");
            }
            else if (name.SequenceEqual("user_incomplete"u8))
            {
                incomplete = json.ReadBoolean("questions.user_incomplete");
            }
            else if (name.SequenceEqual("user_submitted"u8))
            {
                submitted = json.ReadBoolean("questions.user_submitted");
            }
            else
            {
                json.Skip();
            }
        }

        return new Question(id, userResult, correct, incomplete, submitted, options);
    }

    private static Option[] ReadOptions(ref EventJson json)
    {
        if (!json.StartArray("options"))
        {
            return [];
        }

        var position = json.Position;
        var options = EventJson.OptionList;
        options.Clear();
        while (json.NextObject("options"))
        {
            options.Add(ReadOption(ref json));
        }

        return options.Count <= EventLimits.Options ? options.ToArray() : throw TooMany("options", position, options.Count, EventLimits.Options);
    }

    private static Option ReadOption(ref EventJson json)
    {
        string? id = null;
        bool? isChecked = null, correct = null, submitted = null;
        DateTime? at = null;
        while (json.NextName("options"))
        {
            var name = json.Name;
            if (name.SequenceEqual("id"u8))
            {
                id = json.ReadSharedId("options.id");
            }
            else if (name.SequenceEqual("checked"u8))
            {
                isChecked = json.ReadBoolean("options.checked");
            }
            else if (name.SequenceEqual("at"u8))
            {
                at = json.ReadTime("options.at");
            }
            else if (name.SequenceEqual("submitted"u8))
            {
                submitted = json.ReadBoolean("options.submitted");
            }
            else if (name.SequenceEqual("correct"u8))
            {
                correct = json.ReadBoolean("options.correct");
            }
            else
            {
                json.Skip();
            }
        }

        return new Option(id, isChecked, correct, submitted, at);
    }

    private static InvalidEventException TooMany(string field, int position, int count, int most) =>
        EventJson.Invalid(field, position, string.Create(CultureInfo.InvariantCulture, $"has {count} entries; at most {most} are allowed"));

    /// <summary>What the field "sequences" holds.</summary>
    private struct Sequence
    {
        public string? Id;
        public int? Attempt;
        public AttemptCounts? Counts;
        public Question[]? Questions;
    }
}
