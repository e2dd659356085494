using System.Buffers;
using System.Globalization;

namespace Assessments;

/// <summary>
/// Finds the end of one JSON value in bytes that come piece by piece: follows brackets, strings, colons and commas, not the spelling of words and numbers.
/// In a broken value it goes on by brackets alone and looks for the likeliest place where the value was meant to end, so that the next one is not lost
/// with it.
/// </summary>
internal sealed class JsonScanner
{
    private static readonly SearchValues<byte> StringStops = SearchValues.Create("\"\\\n"u8);
    private static readonly SearchValues<byte> WordBytes =
        SearchValues.Create("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    private byte[] _open = new byte[64];
    private int _depth;
    private Expect _expect;
    private Part _part;
    private bool _isName;
    private bool _lenient;
    private bool _atLineStart;
    private bool _endsAtLine;
    private byte _lastInString;

    // Bytes of the value before the span that is scanned; and where in the value an object last began a line.
    private long _scanned;
    private long _lineObject;

    /// <summary>What comes next in the grammar.</summary>
    private enum Expect : byte { Value, ValueOrEnd, NameOrEnd, Name, Colon, CommaOrEnd }

    /// <summary>Inside of what the scanner is.</summary>
    private enum Part : byte { Structure, String, Escape, Word }

    /// <summary>Why the value is broken, with the byte in the value where that showed; null as long as it is not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether the value is a word or a number, which ends where the bytes end.</summary>
    public bool IsWord { get; private set; }

    /// <summary>Gets ready for the next value.</summary>
    public void Reset()
    {
        _depth = 0;
        _expect = Expect.Value;
        _part = Part.Structure;
        _lenient = false;
        _atLineStart = false;
        _endsAtLine = false;
        _scanned = 0;
        _lineObject = -1;
        Fault = null;
        IsWord = false;
    }

    /// <summary>Scans on in <paramref name="bytes"/> from <paramref name="i"/>.</summary>
    /// <param name="bytes">The value's bytes so far, or, of a long one, the last of them.</param>
    /// <param name="i">Where to go on; then where the value ends, or the length of <paramref name="bytes"/>.</param>
    /// <returns>Whether the value ends before <paramref name="i"/>; else more bytes are needed.</returns>
    public bool Scan(ReadOnlySpan<byte> bytes, ref int i)
    {
        var from = i;
        _scanned -= from;
        var ended = ScanParts(bytes, ref i);
        _scanned += i;
        if (_endsAtLine)
        {
            TryEndBeforeLineObject(ref i);
        }

        return ended;
    }

    /// <summary>
    /// In a value that does not end as it should, an object that began a line may have been the next value all along: the line before it was cut off.
    /// Looks only at the last such object, so that no byte is scanned more than twice.
    /// </summary>
    /// <param name="i">How far the value was scanned; then where that object begins.</param>
    /// <returns>Whether there is such an object, still in the bytes that are there.</returns>
    public bool TryEndBeforeLineObject(ref int i)
    {
        var back = _scanned - _lineObject;
        if (_lineObject < 0 || back > i)
        {
            return false;
        }

        i -= (int)back;
        _scanned = _lineObject;
        Fault = null;
        Break(0, "the line ends in the middle of it");
        return true;
    }

    private bool ScanParts(ReadOnlySpan<byte> bytes, ref int i)
    {
        while (i < bytes.Length)
        {
            var ended = _part switch
            {
                Part.Structure => ScanStructure(bytes, ref i),
                Part.Word => ScanWord(bytes, ref i),
                _ => ScanString(bytes, ref i),
            };
            if (ended)
            {
                return true;
            }
        }

        return false;
    }

    private bool ScanString(ReadOnlySpan<byte> bytes, ref int i)
    {
        if (_part == Part.Escape)
        {
            // A line's end is never escaped: it is a string that was not closed.
            _part = Part.String;
            i += bytes[i] == '\n' ? 0 : 1;
            return false;
        }

        var length = bytes[i..].IndexOfAny(StringStops);
        if (length != 0)
        {
            var last = length < 0 ? bytes.Length : i + length;
            _lastInString = bytes[last - 1];
            i = last;
            if (length < 0)
            {
                return false;
            }
        }

        switch (bytes[i])
        {
            case (byte)'\\':
                _part = Part.Escape;
                i++;
                return false;
            case (byte)'\n':
                Break(i, "a string is not closed at the end of its line");
                _part = Part.Structure;
                return _depth == 0;
            default:
                i++;
                _part = Part.Structure;
                _expect = _isName ? Expect.Colon : Expect.CommaOrEnd;
                return _depth == 0;
        }
    }

    private bool ScanWord(ReadOnlySpan<byte> bytes, ref int i)
    {
        var length = bytes[i..].IndexOfAnyExcept(WordBytes);
        if (length < 0)
        {
            i = bytes.Length;
            return false;
        }

        i += length;
        _part = Part.Structure;
        _expect = Expect.CommaOrEnd;
        return _depth == 0;
    }

    /// <summary>Everything outside of strings and words, until one of them begins or the value ends.</summary>
    private bool ScanStructure(ReadOnlySpan<byte> bytes, ref int i)
    {
        while (i < bytes.Length)
        {
            var b = bytes[i];
            switch (b)
            {
                case (byte)'"':
                    if (_expect is Expect.Colon or Expect.CommaOrEnd && !_lenient)
                    {
                        Break(i, "a comma or a colon is missing");
                    }

                    _isName = _expect is Expect.Name or Expect.NameOrEnd;
                    _part = Part.String;
                    _lastInString = 0;
                    _atLineStart = false;
                    i++;
                    return false;
                case (byte)':':
                    if (_expect != Expect.Colon && !_lenient)
                    {
                        Break(i, "a colon is out of place");
                    }

                    _expect = Expect.Value;
                    break;
                case (byte)',':
                    if (_expect != Expect.CommaOrEnd && !_lenient)
                    {
                        Break(i, "a comma is out of place");
                    }

                    _expect = _depth > 0 && _open[_depth - 1] == '{' ? Expect.Name : Expect.Value;
                    break;
                case (byte)'{' or (byte)'[':
                    if (_lenient ? _atLineStart && b == '{' : _expect is not (Expect.Value or Expect.ValueOrEnd))
                    {
                        Break(i, "a closing bracket, a comma or a name is missing");

                        // An object can't start where a name should: the value before it was not closed.
                        _endsAtLine = _atLineStart;
                        if (_atLineStart || _open[_depth - 1] == '{')
                        {
                            return true;
                        }
                    }
                    else if (_atLineStart && b == '{')
                    {
                        _lineObject = _scanned + i;
                    }

                    Push(b);
                    _expect = b == '{' ? Expect.NameOrEnd : Expect.ValueOrEnd;
                    break;
                case (byte)'}' or (byte)']':
                    var opening = b == '}' ? (byte)'{' : (byte)'[';
                    if (!_lenient && (_open[_depth - 1] != opening || _expect is Expect.Name or Expect.Colon or Expect.Value))
                    {
                        Break(i, "a bracket closes where none should");
                    }

                    if (!TryPop(opening))
                    {
                        return true;
                    }

                    _expect = Expect.CommaOrEnd;
                    if (_depth == 0)
                    {
                        i++;
                        return true;
                    }

                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r':
                    break;
                case (byte)'\n':
                    _atLineStart = true;
                    i++;
                    continue;
                default:
                    if (WordBytes.Contains(b) && (_expect is Expect.Value or Expect.ValueOrEnd || _lenient))
                    {
                        _part = Part.Word;
                        IsWord = _depth == 0;
                        _atLineStart = false;
                        return false;
                    }

                    if (!_lenient && TryRepair(bytes, ref i, out var ended))
                    {
                        return ended;
                    }

                    Break(i, "something is out of place");
                    break;
            }

            _atLineStart = false;
            i++;
        }

        return false;
    }

    /// <summary>
    /// After a string that was not closed, the quote that seems to end it opens the next one: then what stands before that quote is punctuation.
    /// The string goes on from there; or, if the quote opens the first name of the next object, the value ends before that object.
    /// </summary>
    private bool TryRepair(ReadOnlySpan<byte> bytes, ref int i, out bool ended)
    {
        ended = false;
        if (i == 0 || bytes[i - 1] != '"' || _lastInString is not ((byte)'{' or (byte)'[' or (byte)',' or (byte)':'))
        {
            return false;
        }

        Break(i, "a string is not closed");
        if (_lastInString == '{' && i >= 2)
        {
            i -= 2;
            ended = true;
            return true;
        }

        _part = Part.String;
        return true;
    }

    private void Break(int i, string problem)
    {
        // Only what breaks at a line's start speaks for a line before it that was cut off.
        _lineObject = _atLineStart ? _lineObject : -1;
        _lenient = true;
        Fault ??= string.Create(CultureInfo.InvariantCulture, $"Broken JSON at byte {_scanned + i} of the event: {problem}.");
    }

    private void Push(byte bracket)
    {
        if (_depth == _open.Length)
        {
            Array.Resize(ref _open, _depth * 2);
        }

        _open[_depth++] = bracket;
    }

    /// <summary>Closes the innermost bracket of a kind, and with it those inside; false if none is open.</summary>
    private bool TryPop(byte opening)
    {
        var match = _open.AsSpan(0, _depth).LastIndexOf(opening);
        if (match < 0)
        {
            return false;
        }

        _depth = match;
        return true;
    }
}
