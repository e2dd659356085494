using System.Globalization;
using System.Text;
using Analytics.Api.Http;
using CsvHelper;
using CsvHelper.Configuration;

namespace Analytics.Api.Catalogue;

/// <summary>Reads a catalogue from CSV (RFC 4180) in UTF-8, with a header.</summary>
internal sealed class CatalogueFile : IDisposable
{
    public const int LongestText = 10_000;
    public const int LongestId = 500; // As in events.
    public const int MostRows = 1_000_000;

    // The ids of a row are a key in the database, and an entry of a PostgreSQL index has no more room.
    private const int MostIdBytes = 2_600;

    private const string QuestionId = "question_id";
    private const string OptionId = "option_id";
    private const string TextColumn = "text";
    private const string Topic = "topic";
    private const string Key = "key";
    private const string Exam = "exam";

    private static readonly string[] Columns = [QuestionId, OptionId, TextColumn, Topic, Key, Exam];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly CsvParser _csv;
    private readonly Dictionary<string, int> _places = [];
    private bool _isQuoteWrong;
    private int _line; // Where the row starts.
    private string[] _fields = [];

    private CatalogueFile(TextReader text) => _csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
    {
        IgnoreBlankLines = false, // They count as lines.
        BadDataFound = _ => _isQuoteWrong = true,
    });

    /// <summary>Reads a file to its end.</summary>
    /// <exception cref="CatalogueException">The file is wrong; the message names line and column.</exception>
    public static async Task<List<CatalogueRow>> ReadAsync(Stream file, CancellationToken cancellationToken)
    {
        using var text = new StreamReader(file, Utf8, leaveOpen: true);
        using var reader = new CatalogueFile(text);
        try
        {
            return await reader.ReadRowsAsync(cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            throw new CatalogueException($"After line {reader._csv.RawRow} there are bytes that are no UTF-8: save the file as CSV in UTF-8.");
        }
    }

    public void Dispose() => _csv.Dispose();

    private async Task<List<CatalogueRow>> ReadRowsAsync(CancellationToken cancellationToken)
    {
        if (!await ReadLineAsync())
        {
            throw new CatalogueException($"Line 1 is missing: the file starts with a header of {string.Join(", ", Columns)}.");
        }

        ReadHeader();
        var rows = new List<CatalogueRow>();
        var lines = new Dictionary<(string, string?, string?), int>();
        while (await ReadLineAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_fields is [""])
            {
                continue;
            }

            var row = ReadRow();
            if (!lines.TryAdd((row.QuestionId, row.OptionId, row.Exam), _line))
            {
                throw Wrong(row.OptionId is null ? QuestionId : OptionId, $"is named in line {lines[(row.QuestionId, row.OptionId, row.Exam)]} already");
            }

            rows.Add(row);
            if (rows.Count > MostRows)
            {
                throw new CatalogueException($"Line {_line} is one too many: a catalogue has at most {MostRows} rows.");
            }
        }

        return rows;
    }

    private async Task<bool> ReadLineAsync()
    {
        _line = _csv.RawRow + 1;
        if (!await _csv.ReadAsync())
        {
            return false;
        }

        _fields = new string[_csv.Count];
        for (var i = 0; i < _fields.Length; i++)
        {
            _fields[i] = _csv[i];
            if (_isQuoteWrong)
            {
                throw new CatalogueException(
                    $"Line {_line}, column {i + 1}: a quotation mark stands in a text that does not start with one, or the text has no end; "
                        + "within a quoted text write it twice.");
            }
        }

        // In a row by RFC 4180 they come in pairs.
        return _csv.RawRecord.AsSpan().Count('"') % 2 == 0
            ? true
            : throw new CatalogueException($"Line {_line}, column {_fields.Length}: the quoted text has no end.");
    }

    private void ReadHeader()
    {
        for (var i = 0; i < _fields.Length; i++)
        {
            // As a person, this API or a program writes it: "Question id", questionId, question_id.
            var letters = string.Concat(_fields[i].Where(char.IsLetterOrDigit));
            if (Array.Find(Columns, name => name.Replace("_", "", StringComparison.Ordinal).Equals(letters, StringComparison.OrdinalIgnoreCase))
                is not { } column)
            {
                throw new CatalogueException(
                    $"Line 1, column {i + 1}: a catalogue has no column \"{Shortened(_fields[i])}\""
                        + Nearest.Question(_fields[i], Columns, $", only {string.Join(", ", Columns)}, with commas between them."));
            }

            if (!_places.TryAdd(column, i))
            {
                throw new CatalogueException($"Line 1, column {i + 1}: the column {column} comes twice.");
            }
        }

        if (Array.Find([QuestionId, TextColumn], name => !_places.ContainsKey(name)) is { } missing)
        {
            throw new CatalogueException($"Line 1 names no column {missing}: the file starts with a header of {string.Join(", ", Columns)}.");
        }
    }

    private CatalogueRow ReadRow()
    {
        if (_fields.Length != _places.Count)
        {
            throw new CatalogueException(
                $"Line {_line}, column {Math.Min(_fields.Length, _places.Count + 1)}: the row has {_fields.Length} fields and the header {_places.Count}; "
                    + "a text with commas stands in quotation marks.");
        }

        var question = Field(QuestionId, LongestId) ?? throw Wrong(QuestionId, "is empty");
        var option = Field(OptionId, LongestId);
        var exam = Field(Exam, LongestId);
        if (Utf8.GetByteCount(question) + Utf8.GetByteCount(option ?? "") + Utf8.GetByteCount(exam ?? "") > MostIdBytes)
        {
            throw Wrong(QuestionId, $"and the row's other ids have together more than {MostIdBytes} bytes");
        }

        var text = Field(TextColumn, LongestText);
        var topic = Field(Topic, LongestId);
        var key = Field(Key, LongestId) switch
        {
            null => (bool?)null,
            "1" => true,
            "0" => false,
            var word => bool.TryParse(word, out var truth) ? truth : throw Wrong(Key, $"is \"{Shortened(word)}\" and not true, false, 1, 0 or empty"),
        };
        return option switch
        {
            null when key is not null => throw Wrong(Key, "is said of a question: only options are right or wrong"),
            null when text is null && topic is null => throw Wrong(TextColumn, "is empty, and the topic too: the row says nothing"),
            not null when topic is not null => throw Wrong(Topic, "is said of an option: it belongs on the question's row"),
            not null when text is null && key is null => throw Wrong(TextColumn, "is empty, and the key too: the row says nothing"),
            _ => new CatalogueRow(question, option, text, topic, key, exam),
        };
    }

    private string? Field(string column, int longest) =>
        !_places.TryGetValue(column, out var place) || _fields[place].Length == 0 ? null
        : _fields[place].Length > longest ? throw Wrong(column, $"has {_fields[place].Length} characters and may have {longest}")
        : _fields[place].Contains('\0', StringComparison.Ordinal) ? throw Wrong(column, "has the character U+0000, which no text may have")
        : _fields[place];

    private CatalogueException Wrong(string column, string what) => new($"Line {_line}, column {_places[column] + 1}: {column} {what}.");

    private static string Shortened(string text) => text.Length > 40 ? $"{text[..40]}…" : text;
}

/// <summary>A file that is no catalogue; the message is for whoever sent it.</summary>
internal sealed class CatalogueException(string message) : Exception(message);
