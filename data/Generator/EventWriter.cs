using System.Buffers.Text;

namespace Data.Generator;

/// <summary>What an event says besides its answers.</summary>
internal struct Envelope
{
    /// <summary>The number that makes the keen_id; another one for each event.</summary>
    public long EventNumber;

    /// <summary>The number that makes the user_exam_id; another one for each attempt.</summary>
    public long AttemptNumber;

    /// <summary>The number that makes the user_id; below zero for none.</summary>
    public long UserNumber;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long StartedAt;

    /// <summary>100 ns ticks since the Unix epoch.</summary>
    public long KeenTimestamp;

    /// <summary>Where the order of the fields comes from, or 0 for the usual order.</summary>
    public ulong Layout;
}

/// <summary>Writes events as JSON, byte by byte as the real ones look. An event is always smaller than <see cref="MaxEventBytes"/>.</summary>
internal sealed class EventWriter(ulong seed)
{
    /// <summary>The room that an event may need.</summary>
    public const int MaxEventBytes = 64 * 1024;

    // In the order in which most events have them; the numbers are those of the switch statements below.
    private static readonly byte[] EventFields = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    private static readonly byte[] SmallFields = [0, 1, 2, 3, 4, 5, 6];

    private readonly byte[] _buffer = new byte[MaxEventBytes];
    private int _length;
    private Random64 _layout;
    private bool _shuffles;
    private long _day = long.MinValue;
    private DateTime _date;

    /// <summary>Writes one event.</summary>
    /// <returns>The event's bytes, valid until the next.</returns>
    public ReadOnlySpan<byte> Write(in Envelope envelope, Answers answers)
    {
        _length = 0;
        _shuffles = envelope.Layout != 0;
        _layout = new Random64(envelope.Layout);
        Raw("{"u8);
        Span<byte> order = stackalloc byte[EventFields.Length];
        foreach (var field in Order(EventFields, order))
        {
            WriteField(field, envelope, answers);
        }

        End("}"u8);
        return _buffer.AsSpan(0, _length);
    }

    private void WriteField(byte field, in Envelope envelope, Answers answers)
    {
        switch (field)
        {
            case 0:
                Raw("\"keen_timestamp\":\""u8);
                EpochSeconds(envelope.KeenTimestamp);
                Raw("\","u8);
                break;
            case 1:
                Raw("\"max_attempts\":\"1.0\","u8);
                break;
            case 2:
                Raw("\"started_at\":\""u8);
                Time(envelope.StartedAt);
                Raw("\","u8);
                break;
            case 3:
                Text("\"base_exam_id\":\""u8, answers.Exam.Id);
                break;
            case 4:
                Raw("\"user_exam_id\":\""u8);
                Ids.WriteUuid(Room(Ids.UuidLength), seed, envelope.AttemptNumber);
                Raw("\","u8);
                break;
            case 5:
                WriteSequence(answers, envelope.StartedAt);
                break;
            case 6:
                Raw("\"keen_created_at\":\""u8);
                EpochSeconds(envelope.KeenTimestamp);
                Raw("\","u8);
                break;
            case 7:
                Raw("\"certification\":\"false\","u8);
                break;
            case 8:
                Raw("\"keen_id\":\""u8);
                Ids.WriteKeenId(Room(Ids.KeenIdLength), seed, envelope.EventNumber, envelope.KeenTimestamp / TimeSpan.TicksPerSecond);
                Raw("\","u8);
                break;
            case 9:
                Text("\"exam_name\":\""u8, answers.Exam.Name);
                break;
            case 10 when envelope.UserNumber >= 0:
                Raw("\"user_id\":\""u8);
                Ids.WriteUuid(Room(Ids.UuidLength), ~seed, envelope.UserNumber);
                Raw("\","u8);
                break;
        }
    }

    private void WriteSequence(Answers answers, long startedAt)
    {
        var hasQuestions = answers.Exam.Questions.Length > 0;
        Raw("\"sequences\":{"u8);
        Span<byte> order = stackalloc byte[4];
        foreach (var field in Order(SmallFields, order))
        {
            switch (field)
            {
                case 0 when hasQuestions:
                    WriteQuestions(answers, startedAt);
                    break;
                case 1:
                    Raw("\"attempt\":1,"u8);
                    break;
                case 2:
                    Text("\"id\":\""u8, answers.Exam.SequenceId);
                    break;
                case 3 when hasQuestions:
                    WriteCounts(answers);
                    break;
            }
        }

        End("},"u8);
    }

    private void WriteCounts(Answers answers)
    {
        var total = answers.Exam.Questions.Length;
        Raw("\"counts\":{"u8);
        Span<byte> order = stackalloc byte[7];
        foreach (var field in Order(SmallFields, order))
        {
            switch (field)
            {
                case 0:
                    Number("\"incomplete\":"u8, answers.Count(Outcome.MissedSome));
                    break;
                case 1:
                    Number("\"submitted\":"u8, total - answers.Count(Outcome.Unanswered));
                    break;
                case 2:
                    Number("\"incorrect\":"u8, answers.Count(Outcome.Incorrect));
                    break;
                case 3:
                    Flag("\"all_correct\":"u8, answers.Count(Outcome.Correct) == total);
                    break;
                case 4:
                    Number("\"correct\":"u8, answers.Count(Outcome.Correct));
                    break;
                case 5:
                    Number("\"total\":"u8, total);
                    break;
                case 6:
                    Number("\"unanswered\":"u8, answers.Count(Outcome.Unanswered));
                    break;
            }
        }

        End("},"u8);
    }

    private void WriteQuestions(Answers answers, long startedAt)
    {
        Raw("\"questions\":["u8);
        Span<byte> orderRoom = stackalloc byte[6];
        for (var place = 0; place < answers.Exam.Questions.Length; place++)
        {
            Raw("{"u8);
            foreach (var field in Order(SmallFields, orderRoom))
            {
                var outcome = answers.Outcome(place);
                switch (field)
                {
                    case 0:
                        Flag("\"user_incomplete\":"u8, outcome == Outcome.MissedSome);
                        break;
                    case 1:
                        Flag("\"user_correct\":"u8, outcome == Outcome.Correct);
                        break;
                    case 2:
                        WriteOptions(answers.Question(place), answers.Options(place), startedAt);
                        break;
                    case 3:
                        Flag("\"user_submitted\":"u8, outcome != Outcome.Unanswered);
                        break;
                    case 4:
                        Text("\"id\":\""u8, answers.Question(place).Id);
                        break;
                    case 5:
                        Text("\"user_result\":\""u8, outcome switch
                        {
                            Outcome.Correct => "correct"u8,
                            Outcome.Incorrect => "incorrect"u8,
                            Outcome.MissedSome => "missed_some"u8,
                            _ => "unanswered"u8,
                        });
                        break;
                }
            }

            End("},"u8);
        }

        End("],"u8);
    }

    private void WriteOptions(QuestionItem question, ReadOnlySpan<AnsweredOption> options, long startedAt)
    {
        Raw("\"options\":["u8);
        Span<byte> orderRoom = stackalloc byte[5];
        foreach (var option in options)
        {
            var item = question.Options[option.Index];
            Raw("{"u8);
            foreach (var field in Order(SmallFields, orderRoom))
            {
                switch (field)
                {
                    case 0:
                        Flag("\"checked\":"u8, option.Checked);
                        break;
                    case 1 when option.At >= 0:
                        Raw("\"at\":\""u8);
                        Time(startedAt + option.At);
                        Raw("\","u8);
                        break;
                    case 2:
                        Text("\"id\":\""u8, item.Id);
                        break;
                    case 3 when option.Checked:
                        Raw("\"submitted\":1,"u8);
                        break;
                    case 4 when item.IsRight:
                        Raw("\"correct\":true,"u8);
                        break;
                }
            }

            End("},"u8);
        }

        End("],"u8);
    }

    /// <summary>The first fields in their usual order, or in one of this event's own.</summary>
    private ReadOnlySpan<byte> Order(byte[] fields, Span<byte> room)
    {
        if (!_shuffles)
        {
            return fields.AsSpan(0, room.Length);
        }

        fields.AsSpan(0, room.Length).CopyTo(room);
        _layout.Shuffle(room);
        return room;
    }

    private Span<byte> Room(int length)
    {
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }

    private void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>Closes an object or array in place of the last comma in it, if it has one.</summary>
    private void End(ReadOnlySpan<byte> bracket)
    {
        _length -= _buffer[_length - 1] == ',' ? 1 : 0;
        Raw(bracket);
    }

    private void Text(ReadOnlySpan<byte> nameAndQuote, ReadOnlySpan<byte> text)
    {
        Raw(nameAndQuote);
        Raw(text);
        Raw("\","u8);
    }

    private void Flag(ReadOnlySpan<byte> name, bool value)
    {
        Raw(name);
        Raw(value ? "true,"u8 : "false,"u8);
    }

    private void Number(ReadOnlySpan<byte> name, int value)
    {
        Raw(name);
        Whole(value);
        Raw(","u8);
    }

    private void Whole(long value)
    {
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written);
        _length += written;
    }

    /// <summary>Seconds with up to seven decimals, without zeros at their end.</summary>
    private void EpochSeconds(long ticks)
    {
        Whole(ticks / TimeSpan.TicksPerSecond);
        Raw("."u8);
        Digits(ticks % TimeSpan.TicksPerSecond, 7);
        while (_buffer[_length - 1] == '0' && _buffer[_length - 2] != '.')
        {
            _length--;
        }
    }

    private void Time(long unixMilliseconds)
    {
        (var day, var milliseconds) = Math.DivRem(unixMilliseconds, 86_400_000);
        if (day != _day)
        {
            _day = day;
            _date = DateTime.UnixEpoch.AddDays(day);
        }

        Digits(_date.Year, 4);
        Raw("-"u8);
        Digits(_date.Month, 2);
        Raw("-"u8);
        Digits(_date.Day, 2);
        Raw("T"u8);
        Digits(milliseconds / 3_600_000, 2);
        Raw(":"u8);
        Digits(milliseconds / 60_000 % 60, 2);
        Raw(":"u8);
        Digits(milliseconds / 1000 % 60, 2);
        Raw("."u8);
        Digits(milliseconds % 1000, 3);
        Raw("Z"u8);
    }

    private void Digits(long value, int count)
    {
        var digits = Room(count);
        for (var i = count - 1; i >= 0; i--, value /= 10)
        {
            digits[i] = (byte)('0' + value % 10);
        }
    }
}
