using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Assessments;

/// <summary>A cursor over the JSON of one event that reads values as events write them and says in one sentence what it can't read.</summary>
internal ref struct EventJson
{
    private const int MaxDepth = 64;

    [ThreadStatic]
    private static TextCache? t_cache;
    [ThreadStatic]
    private static List<Question>? t_questions;
    [ThreadStatic]
    private static List<Option>? t_options;

    private readonly ReadOnlySpan<byte> _utf8;
    private Utf8JsonReader _reader;

    public EventJson(ReadOnlySpan<byte> utf8)
    {
        _utf8 = utf8;
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>The unescaped name that <see cref="NextName"/> came to; valid until the next read.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Where the current token starts, in bytes from the start of the event.</summary>
    public readonly int Position => (int)_reader.TokenStartIndex;

    /// <summary>A list that the questions of one event are gathered in; one for each thread, so that events cost only their arrays.</summary>
    public static List<Question> QuestionList => t_questions ??= [];

    /// <summary>A list that the options of one question are gathered in; one for each thread.</summary>
    public static List<Option> OptionList => t_options ??= [];

    public static InvalidEventException Invalid(string field, int position, string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{field} at byte {position} {problem}."));

    public void StartEvent()
    {
        if (!Utf8.IsValid(_utf8))
        {
            throw new InvalidEventException(string.Create(CultureInfo.InvariantCulture,
                $"The event is not valid UTF-8 at byte {FirstInvalidByte(_utf8)}."));
        }

        if (_utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw new InvalidEventException("The event is empty.");
        }

        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidEventException("The event is not a JSON object.");
        }
    }

    /// <summary>Makes sure that nothing follows the event.</summary>
    public void EndEvent() => _reader.Read();

    /// <summary>Moves to the next member of the object; false at its end.</summary>
    public bool NextName(string container)
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        Name = _reader.ValueIsEscaped ? Unescape(container) : _reader.ValueSpan;
        return true;
    }

    /// <summary>Moves past the value of the current name.</summary>
    public void Skip() => _reader.Skip();

    /// <summary>Moves into the object that is the value of the current name; false if it is null.</summary>
    public bool StartObject(string field) => Start(field, JsonTokenType.StartObject, "is not an object");

    /// <summary>Moves into the array that is the value of the current name; false if it is null.</summary>
    public bool StartArray(string field) => Start(field, JsonTokenType.StartArray, "is not an array");

    /// <summary>Moves into the next object of the array; false at the array's end.</summary>
    public bool NextObject(string field)
    {
        _reader.Read();
        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => true,
            JsonTokenType.EndArray => false,
            _ => throw Invalid(field, "holds something that is not an object"),
        };
    }

    /// <summary>A text of its own.</summary>
    public string? ReadText(string field) => IsNull() ? null : Encoding.UTF8.GetString(TextBytes(field));

    /// <summary>A text that many events share.</summary>
    public string? ReadSharedText(string field) => IsNull() ? null : (t_cache ??= new TextCache()).Get(TextBytes(field));

    /// <summary>Epoch seconds, as a string or a number, to 100 ns ticks.</summary>
    public long? ReadEpochSeconds(string field)
    {
        if (IsNull())
        {
            return null;
        }

        return ScalarBytes(field) is var text && EventTime.TryParseEpochSeconds(text, out long ticks)
            ? ticks
            : throw Invalid(field, "is not a number of seconds since 1970 within the years 1 to 9999");
    }

    /// <summary>An ISO 8601 time to UTC.</summary>
    public DateTime? ReadTime(string field)
    {
        if (IsNull())
        {
            return null;
        }

        return _reader.TokenType == JsonTokenType.String && EventTime.TryParseIso8601(ScalarBytes(field), out DateTime time)
            ? time
            : throw Invalid(field, "is not an ISO 8601 date and time");
    }

    /// <summary>true, false, 1, 0, or the words as a string in any case; an empty string is no value.</summary>
    public bool? ReadBoolean(string field)
    {
        if (IsNull())
        {
            return null;
        }

        if (_reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            return _reader.TokenType == JsonTokenType.True;
        }

        ReadOnlySpan<byte> text = ScalarBytes(field);
        return text switch
        {
            [(byte)'1'] => true,
            [(byte)'0'] => false,
            [] => null,
            _ when Ascii.EqualsIgnoreCase(text, "true"u8) => true,
            _ when Ascii.EqualsIgnoreCase(text, "false"u8) => false,
            _ => throw Invalid(field, "is neither true nor false"),
        };
    }

    /// <summary>A whole number of 32 bits, as a number or a string, such as 1, 1.0 or "1.0".</summary>
    public int? ReadWholeNumber(string field)
    {
        if (IsNull())
        {
            return null;
        }

        ReadOnlySpan<byte> text = ScalarBytes(field);
        int point = text.IndexOf((byte)'.');
        bool isWhole = point < 0 || (point < text.Length - 1 && text[(point + 1)..].IndexOfAnyExcept((byte)'0') < 0);
        return isWhole && int.TryParse(point < 0 ? text : text[..point], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Invalid(field, "is not a whole number of 32 bits");
    }

    /// <summary>A whole number that is not negative.</summary>
    public int? ReadCount(string field) => ReadWholeNumber(field) switch
    {
        < 0 => throw Invalid(field, "is negative"),
        var count => count,
    };

    /// <summary>Says in one sentence where and why the JSON is broken; the framework's own message could quote the event.</summary>
    public readonly string Explain(JsonException broken)
    {
        int position = 0;
        for (long line = broken.LineNumber ?? 0; line > 0; line--)
        {
            position += _utf8[position..].IndexOf((byte)'\n') + 1;
        }

        position = Math.Min(_utf8.Length, position + (int)(broken.BytePositionInLine ?? 0));
        string problem = "is broken JSON";
        if (position == _utf8.Length)
        {
            problem = "is JSON that ends too early";
        }
        else if (_reader.CurrentDepth >= MaxDepth - 1 && _utf8[position] is (byte)'{' or (byte)'[')
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"is nested more than {MaxDepth} levels deep");
        }
        else if (_reader.CurrentDepth == 0 && _reader.TokenType == JsonTokenType.EndObject)
        {
            problem = "is followed by something else";
        }

        return string.Create(CultureInfo.InvariantCulture, $"The event {problem}, at byte {position}.");
    }

    private bool Start(string field, JsonTokenType start, string problem)
    {
        if (IsNull())
        {
            return false;
        }

        return _reader.TokenType == start ? true : throw Invalid(field, problem);
    }

    private bool IsNull()
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.Null;
    }

    /// <summary>The unescaped bytes of a string that PostgreSQL can hold as text.</summary>
    private ReadOnlySpan<byte> TextBytes(string field)
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            throw Invalid(field, "is not a string");
        }

        ReadOnlySpan<byte> text = _reader.ValueSpan;
        if (_reader.ValueIsEscaped)
        {
            text = Unescape(field);
            if (text.Contains((byte)0))
            {
                throw Invalid(field, "holds the character U+0000, which the database can't store");
            }
        }

        if (text.Length > AttemptEventReader.MaxTextLength && Encoding.UTF8.GetCharCount(text) > AttemptEventReader.MaxTextLength)
        {
            throw Invalid(field, string.Create(CultureInfo.InvariantCulture, $"is longer than {AttemptEventReader.MaxTextLength} characters"));
        }

        return text;
    }

    /// <summary>The bytes of a number or of a string that should hold one, a time or a truth value.</summary>
    private readonly ReadOnlySpan<byte> ScalarBytes(string field) => _reader.TokenType switch
    {
        JsonTokenType.Number => _reader.ValueSpan,
        JsonTokenType.String => _reader.ValueIsEscaped ? Unescape(field) : _reader.ValueSpan,
        _ => throw Invalid(field, "is neither a string nor a number"),
    };

    private readonly byte[] Unescape(string field)
    {
        byte[] unescaped = new byte[_reader.ValueSpan.Length];
        try
        {
            int length = _reader.CopyString(unescaped);
            return unescaped[..length];
        }
        catch (InvalidOperationException)
        {
            throw Invalid(field, "holds half of a surrogate pair, which is no character");
        }
    }

    private readonly InvalidEventException Invalid(string field, string problem) => Invalid(field, Position, problem);

    private static int FirstInvalidByte(ReadOnlySpan<byte> utf8)
    {
        int position = 0;
        while (Rune.DecodeFromUtf8(utf8[position..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            position += length;
        }

        return position;
    }
}
