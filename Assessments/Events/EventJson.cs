using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Assessments;

/// <summary>A cursor over the JSON of one event that reads values as events write them and says in one sentence what it can't read.</summary>
internal ref struct EventJson
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("-0123456789"u8);

    [ThreadStatic]
    private static TextCache? _cache;
    [ThreadStatic]
    private static List<Question>? _questions;
    [ThreadStatic]
    private static List<Option>? _options;

    private readonly ReadOnlySpan<byte> _utf8;
    private Utf8JsonReader _reader;

    public EventJson(ReadOnlySpan<byte> utf8)
    {
        _utf8 = utf8;
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = EventLimits.Depth });
    }

    /// <summary>The unescaped name that <see cref="NextName"/> came to; valid until the next read.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Where the current token starts, in bytes from the start of the event.</summary>
    public readonly int Position => (int)_reader.TokenStartIndex;

    /// <summary>A list that the questions of one event are gathered in; one for each thread, so that events cost only their arrays.</summary>
    public static List<Question> QuestionList => _questions ??= [];

    /// <summary>A list that the options of one question are gathered in; one for each thread.</summary>
    public static List<Option> OptionList => _options ??= [];

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

    /// <summary>A text of its own that may be empty; a whole number is taken as its digits.</summary>
    public string? ReadId(string field) => IsNull() ? null : Encoding.UTF8.GetString(TextBytes(field, NumberIs.Text));

    /// <summary>An id or a name that many events share; a whole number is taken as its digits, and an empty string is no value.</summary>
    public string? ReadSharedId(string field) => ReadShared(field, NumberIs.Text);

    /// <summary>A word that many events share; an empty string is no value.</summary>
    public string? ReadWord(string field) => ReadShared(field, NumberIs.Wrong);

    /// <summary>
    /// A time as 100 ns ticks since the Unix epoch: seconds or, if too large for these, milliseconds since 1970, as a number or a string,
    /// or an ISO 8601 date and time; an empty string is no value.
    /// </summary>
    public long? ReadTicks(string field)
    {
        if (IsNull())
        {
            return null;
        }

        var text = ScalarBytes(field);
        if (text.IsEmpty)
        {
            return null;
        }

        return EventTime.ParseEpoch(text, out var ticks) switch
        {
            EventTime.Epoch.Seconds or EventTime.Epoch.Milliseconds => ticks,
            EventTime.Epoch.TooFine => throw Invalid(field, "is in microseconds or nanoseconds, or no time; seconds or milliseconds since 1970 are expected"),
            _ when EventTime.TryParseIso8601(text, out var time) => time.Ticks - DateTime.UnixEpoch.Ticks,
            _ => throw Invalid(field, "is neither an ISO 8601 date and time nor a number of seconds or milliseconds since 1970, within the years 1 to 9999"),
        };
    }

    /// <summary>The same as UTC.</summary>
    public DateTime? ReadTime(string field) => ReadTicks(field) is { } ticks ? DateTime.UnixEpoch.AddTicks(ticks) : null;

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

        var text = ScalarBytes(field);
        return text switch
        {
            [(byte)'1'] or [(byte)'1', (byte)'.', (byte)'0'] => true,
            [(byte)'0'] or [(byte)'0', (byte)'.', (byte)'0'] => false,
            [] => null,
            _ when Ascii.EqualsIgnoreCase(text, "true"u8) => true,
            _ when Ascii.EqualsIgnoreCase(text, "false"u8) => false,
            _ => throw Invalid(field, "is neither true nor false"),
        };
    }

    /// <summary>A whole number of 32 bits, as a number or a string, such as 1, 1.0, "1.0" or 1E1; an empty string is no value.</summary>
    public int? ReadWholeNumber(string field)
    {
        if (IsNull())
        {
            return null;
        }

        var text = ScalarBytes(field);
        if (text.IsEmpty)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var exact)
            && decimal.IsInteger(exact) && exact is >= int.MinValue and <= int.MaxValue
            ? (int)exact
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
        var position = 0;
        for (var line = broken.LineNumber ?? 0; line > 0; line--)
        {
            position += _utf8[position..].IndexOf((byte)'\n') + 1;
        }

        position = Math.Min(_utf8.Length, position + (int)(broken.BytePositionInLine ?? 0));
        var problem = "is broken JSON";
        if (NotANumber(_utf8[position..]) is { } word)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"{word} at byte {position} is no JSON number, though some programs write it: " +
                $"write null where a number is missing.");
        }

        if (position == _utf8.Length)
        {
            problem = "is JSON that ends too early";
        }
        else if (_reader.CurrentDepth >= EventLimits.Depth - 1 && _utf8[position] is (byte)'{' or (byte)'[')
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"is nested more than {EventLimits.Depth} levels deep");
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

    private string? ReadShared(string field, NumberIs number) =>
        !IsNull() && TextBytes(field, number) is { IsEmpty: false } text ? (_cache ??= new TextCache()).Get(text) : null;

    /// <summary>The unescaped bytes of a string, or the digits of a whole number, that PostgreSQL can hold as text and in an index.</summary>
    private ReadOnlySpan<byte> TextBytes(string field, NumberIs number)
    {
        if (_reader.TokenType == JsonTokenType.Number && number == NumberIs.Text)
        {
            // 17.0 is 17 as a program writes it that knows no whole numbers.
            var digits = _reader.ValueSpan.EndsWith(".0"u8) ? _reader.ValueSpan[..^2] : _reader.ValueSpan;
            return digits.IndexOfAnyExcept(Digits) < 0 && digits.Length <= EventLimits.TextLength
                ? digits
                : throw Invalid(field, "is a number that is not whole, which is no id");
        }

        if (_reader.TokenType != JsonTokenType.String)
        {
            throw Invalid(field, number == NumberIs.Text ? "is neither a string nor a whole number" : "is not a string");
        }

        var text = _reader.ValueSpan;
        if (_reader.ValueIsEscaped)
        {
            text = Unescape(field);
            if (text.Contains((byte)0))
            {
                throw Invalid(field, "holds the character U+0000, which the database can't store");
            }
        }

        if (text.Length > EventLimits.TextLength && Encoding.UTF8.GetCharCount(text) is > EventLimits.TextLength and var length)
        {
            throw Invalid(field, string.Create(CultureInfo.InvariantCulture, $"has {length} characters; at most {EventLimits.TextLength} are allowed"));
        }

        return text;
    }

    /// <summary>The bytes of a number or of a string that should hold one, a time or a truth value, without blanks around them.</summary>
    private readonly ReadOnlySpan<byte> ScalarBytes(string field) => _reader.TokenType switch
    {
        JsonTokenType.Number => _reader.ValueSpan,
        JsonTokenType.String => (_reader.ValueIsEscaped ? Unescape(field) : _reader.ValueSpan).Trim((byte)' '),
        _ => throw Invalid(field, "is neither a string nor a number"),
    };

    /// <summary>What some programs write for a number that they don't have.</summary>
    private static string? NotANumber(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("NaN"u8) ? "NaN" : utf8.StartsWith("Infinity"u8) || utf8.StartsWith("-Infinity"u8) ? "Infinity" : null;

    private readonly byte[] Unescape(string field)
    {
        var unescaped = new byte[_reader.ValueSpan.Length];
        try
        {
            var length = _reader.CopyString(unescaped);
            return unescaped[..length];
        }
        catch (InvalidOperationException)
        {
            throw Invalid(field, "holds half of a surrogate pair, which is no character");
        }
    }

    private readonly InvalidEventException Invalid(string field, string problem) => Invalid(field, Position, problem);

    /// <summary>What a JSON number is where an id or a name is expected.</summary>
    private enum NumberIs : byte { Text, Wrong }

    private static int FirstInvalidByte(ReadOnlySpan<byte> utf8)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(utf8[position..], out _, out var length) == OperationStatus.Done)
        {
            position += length;
        }

        return position;
    }
}
