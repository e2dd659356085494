using System.Buffers;

namespace Analytics.Api.Sql;

/// <summary>
/// Takes a statement apart as PostgreSQL's scan.l does with standard_conforming_strings on: enough to know its form and where its names stand. What it
/// uses is PostgreSQL's to say.
/// </summary>
internal ref struct SqlLexer
{
    // A newline in PostgreSQL's comments is either of them.
    private static readonly SearchValues<char> NewLines = SearchValues.Create("\n\r");

    // PostgreSQL cuts names to 63 bytes; no word that has a meaning here is longer.
    private const int LongestName = 128;

    private readonly ReadOnlySpan<char> _sql;
    private int _at;

    private SqlLexer(ReadOnlySpan<char> sql) => _sql = sql;

    /// <exception cref="SqlRefusedException">Something is not closed, or is written in a way that is not taken here.</exception>
    public static List<SqlToken> Read(string sql)
    {
        var lexer = new SqlLexer(sql);
        var tokens = new List<SqlToken>();
        while (lexer.Next() is { } token)
        {
            tokens.Add(token);
        }

        return tokens;
    }

    private SqlToken? Next()
    {
        SkipSpace();
        if (_at == _sql.Length)
        {
            return null;
        }

        var start = _at;
        return _sql[_at] switch
        {
            '"' => new SqlToken(SqlTokenKind.QuotedName, QuotedName(), start),
            '\'' => Literal(start, Text(isEscaped: false)),
            '$' => Literal(start, DollarQuoted()),
            >= '0' and <= '9' => Literal(start, Number()),
            var letter when StartsName(letter) => Word(start),
            _ => new SqlToken(SqlTokenKind.Symbol, _sql[_at++].ToString(), start),
        };
    }

    private void SkipSpace()
    {
        while (_at < _sql.Length)
        {
            if (_sql[_at] is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
            {
                _at++;
            }
            else if (_sql[_at..].StartsWith("--"))
            {
                var end = _sql[_at..].IndexOfAny(NewLines);
                _at = end < 0 ? _sql.Length : _at + end;
            }
            else if (_sql[_at..].StartsWith("/*"))
            {
                SkipComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipComment()
    {
        var (start, depth) = (_at, 0);
        do
        {
            var rest = _sql[_at..];
            if (rest.IsEmpty)
            {
                throw new SqlRefusedException("A comment is not closed.", start);
            }

            var (step, change) = rest.StartsWith("/*") ? (2, 1) : rest.StartsWith("*/") ? (2, -1) : (1, 0);
            _at += step;
            depth += change;
        }
        while (depth > 0);
    }

    private SqlToken Word(int start)
    {
        while (_at < _sql.Length && ContinuesName(_sql[_at]))
        {
            _at++;
        }

        var word = _sql[start.._at];
        var next = _at < _sql.Length ? _sql[_at] : ' ';
        if (next == '\'' && word is ['e' or 'E'])
        {
            return Literal(start, Text(isEscaped: true));
        }

        if (next == '&' && word is ['u' or 'U'] && _at + 1 < _sql.Length && _sql[_at + 1] is '\'' or '"')
        {
            throw new SqlRefusedException("Unicode escapes (U&) are not taken here; write the characters themselves.", start);
        }

        // In UTF-8 PostgreSQL makes only ASCII letters small.
        Span<char> small = stackalloc char[Math.Min(word.Length, LongestName)];
        for (var i = 0; i < small.Length; i++)
        {
            small[i] = char.IsAsciiLetterUpper(word[i]) ? (char)(word[i] | 0x20) : word[i];
        }

        return new SqlToken(SqlTokenKind.Word, new string(small), start);
    }

    private string QuotedName()
    {
        var start = _at;
        Quoted('"', "name");
        return _sql[(start + 1)..(_at - 1)].ToString().Replace("\"\"", "\"", StringComparison.Ordinal);
    }

    /// <summary>Goes past what stands in quotes; a doubled quote is one within.</summary>
    private int Quoted(char quote, string what)
    {
        var start = _at++;
        while (true)
        {
            var end = _sql[_at..].IndexOf(quote);
            if (end < 0)
            {
                throw new SqlRefusedException($"A {what} is not closed.", start);
            }

            _at += end + 1;
            if (_at == _sql.Length || _sql[_at] != quote)
            {
                return _at;
            }

            _at++;
        }
    }

    /// <summary>Goes past a text and, as the standard has it, past those that continue it on the next lines, all of its kind.</summary>
    private int Text(bool isEscaped)
    {
        int end;
        do
        {
            end = isEscaped ? EscapeText() : Quoted('\'', "text");
        }
        while (IsContinued());

        return end;
    }

    private bool IsContinued()
    {
        var (end, hasNewLine) = (_at, false);
        while (end < _sql.Length && _sql[end] is (' ' or '\t' or '\n' or '\r' or '\f' or '\v' or '-'))
        {
            if (_sql[end] == '-')
            {
                if (!_sql[end..].StartsWith("--"))
                {
                    return false;
                }

                var line = _sql[end..].IndexOfAny(NewLines);
                end = line < 0 ? _sql.Length : end + line;
                continue;
            }

            hasNewLine |= _sql[end] is '\n' or '\r';
            end++;
        }

        if (!hasNewLine || end == _sql.Length || _sql[end] != '\'')
        {
            return false;
        }

        _at = end;
        return true;
    }

    private int EscapeText()
    {
        var start = _at++;
        while (_at < _sql.Length)
        {
            switch (_sql[_at])
            {
                case '\\' when _at + 1 < _sql.Length:
                    _at += 2;
                    break;
                case '\'' when _at + 1 < _sql.Length && _sql[_at + 1] == '\'':
                    _at += 2;
                    break;
                case '\'':
                    return ++_at;
                default:
                    _at++;
                    break;
            }
        }

        throw new SqlRefusedException("A text is not closed.", start);
    }

    private int DollarQuoted()
    {
        var start = _at;
        var tag = 1;
        while (start + tag < _sql.Length && _sql[start + tag] != '$' && (tag == 1 ? StartsName(_sql[start + tag]) : ContinuesName(_sql[start + tag])))
        {
            tag++;
        }

        if (start + tag == _sql.Length || _sql[start + tag] != '$')
        {
            throw new SqlRefusedException("Parameters ($1) are not taken here; write the value itself.", start);
        }

        var delimiter = _sql.Slice(start, tag + 1);
        var body = start + delimiter.Length;
        var end = _sql[body..].IndexOf(delimiter);
        if (end < 0)
        {
            throw new SqlRefusedException("A text in dollar quotes is not closed.", start);
        }

        return _at = body + end + delimiter.Length;
    }

    // Signs and points are symbols: it is enough that no name hides in a number. What follows the digits without a space is refused by
    // newer versions of PostgreSQL and begins a name in older ones, as here; only an exponent belongs to the number.
    private int Number()
    {
        while (_at < _sql.Length && _sql[_at] is (>= '0' and <= '9') or '.')
        {
            _at++;
        }

        return _at;
    }

    private static SqlToken Literal(int start, int _) => new(SqlTokenKind.Literal, "", start);

    private static bool StartsName(char letter) => char.IsAsciiLetter(letter) || letter is '_' or >= '\u0080';

    private static bool ContinuesName(char letter) => StartsName(letter) || char.IsAsciiDigit(letter) || letter == '$';
}
