using System.Globalization;
using System.Text.Json;

namespace Assessments;

/// <summary>
/// Takes a file of events apart, from bytes that come in pieces of any size. An array at the top is a container of events, wherever it stands;
/// white space, commas, record separators (RFC 7464) and byte order marks between events mean nothing. Memory is bounded by the largest event allowed.
/// </summary>
internal sealed class EventSplitter(EventFileOptions options)
{
    private const int ReadBytes = 128 * 1024;

    private readonly JsonScanner _scanner = new();
    private byte[] _buffer = new byte[2 * ReadBytes];
    private int _start;         // the first byte in the buffer that is not done with
    private int _next;          // the first byte not yet looked at
    private int _end;           // where the bytes in the buffer end
    private long _offset;       // of _start in the file
    private long _line = 1;     // at _start

    private Mode _mode;
    private long _sliceOffset;
    private long _sliceLine;
    private byte[]? _kept;      // the first bytes of a slice that is too large
    private long _index;
    private bool _inArray;
    private bool _finished;
    private string? _endFault;

    private enum Mode : byte { Between, Value, Garbage }

    /// <summary>The first bytes, as long as no slice has been asked for.</summary>
    public ReadOnlySpan<byte> Start => _buffer.AsSpan(0, _end);

    /// <summary>Room for the next bytes; ends the life of the last slice's bytes.</summary>
    public Memory<byte> GetMemory()
    {
        if (_mode != Mode.Between && _next - _start > options.MaxEventBytes)
        {
            _kept ??= _buffer[_start..(_start + options.KeptBytes)];
            PassTo(_next);
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _next -= _start;
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length - _end < ReadBytes)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes the bytes that were written to the room.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Says that no bytes follow.</summary>
    /// <param name="fault">Why the file ends here, if not because it is whole.</param>
    public void Finish(string? fault)
    {
        _finished = true;
        _endFault = fault;
    }

    /// <summary>The next slice; false if it takes more bytes, or, after <see cref="Finish"/>, if there is none.</summary>
    public bool TryRead(out EventSlice slice)
    {
        slice = default;
        while (true)
        {
            if (_mode == Mode.Between && !TryBegin())
            {
                return _finished && TryEndFile(out slice);
            }

            var ended = _mode switch
            {
                Mode.Value => _scanner.Scan(_buffer.AsSpan(0, _end), ref _next),
                _ => SkipGarbage(),
            };
            if (!ended && !_finished)
            {
                return false;
            }

            if (_mode == Mode.Value && !ended && !_scanner.IsWord)
            {
                ended = _scanner.TryEndBeforeLineObject(ref _next);
            }

            if (_mode == Mode.Value && _scanner.IsWord && !IsJsonWord())
            {
                _mode = Mode.Garbage;
                continue;
            }

            slice = Take(_mode switch
            {
                Mode.Value => ended || _scanner.IsWord ? _scanner.Fault : TruncatedEvent(),
                _ => "What stands here is not a JSON value.",
            });
            return true;
        }
    }

    /// <summary>Passes everything that means nothing between slices; true at the first byte of a slice.</summary>
    private bool TryBegin()
    {
        for (; _next < _end; _next++)
        {
            var b = _buffer[_next];
            switch (b)
            {
                case (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',' or 0x1E:
                    continue;
                case (byte)'[' when !_inArray:
                    _inArray = true;
                    continue;
                case (byte)']' when _inArray:
                    _inArray = false;
                    continue;
                case 0xEF when _end - _next < 3 && !_finished:
                    return false;
                case 0xEF when _buffer.AsSpan(_next, _end - _next).StartsWith("\uFEFF"u8):
                    _next += 2;
                    continue;
            }

            PassTo(_next);
            _sliceOffset = _offset;
            _sliceLine = _line;
            _mode = b switch
            {
                (byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n' or (>= (byte)'0' and <= (byte)'9') => Mode.Value,
                _ => Mode.Garbage,
            };
            if (_mode == Mode.Value)
            {
                _scanner.Reset();
            }
            else
            {
                _next++;
            }

            return true;
        }

        PassTo(_next);
        return false;
    }

    /// <summary>What is no JSON goes to the line's end or to the next possible event.</summary>
    private bool SkipGarbage()
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_next, _end - _next);
        var length = _inArray ? rest.IndexOfAny("\n{,]"u8) : rest.IndexOfAny((byte)'\n', (byte)'{');
        _next = length < 0 ? _end : _next + length;
        return length >= 0;
    }

    private bool IsJsonWord()
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _next - _start));
        try
        {
            return _kept is null && reader.Read() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private string TruncatedEvent()
    {
        var fault = _endFault is null ? "The file ends in the middle of the event." : $"The event is cut off: {_endFault}";
        _endFault = null;
        _inArray = false;
        return fault;
    }

    /// <summary>After the last slice, says if the file ends where it should not.</summary>
    private bool TryEndFile(out EventSlice slice)
    {
        var fault = _endFault ?? (_inArray ? "The file ends before its array is closed." : null);
        _endFault = null;
        _inArray = false;
        _sliceOffset = _offset;
        _sliceLine = _line;
        slice = fault is null ? default : Take(fault);
        return fault is not null;
    }

    /// <summary>Makes a slice of what lies before the next byte.</summary>
    private EventSlice Take(string? fault)
    {
        var length = fault is null ? _next - _start : _buffer.AsSpan(_start, _next - _start).TrimEnd(" \t\r\n"u8).Length;
        var total = _offset - _sliceOffset + length;
        ReadOnlyMemory<byte> bytes = _buffer.AsMemory(_start, length);
        if (total > options.MaxEventBytes)
        {
            bytes = _kept ?? bytes[..options.KeptBytes];
            fault = string.Create(CultureInfo.InvariantCulture, $"The event is {total} bytes long; at most {options.MaxEventBytes} are allowed.");
        }

        var slice = new EventSlice(bytes, _index++, _sliceOffset, _sliceLine, total, fault);
        PassTo(_next);
        _kept = null;
        _mode = Mode.Between;
        return slice;
    }

    /// <summary>Is done with the bytes before a place in the buffer.</summary>
    private void PassTo(int place)
    {
        _line += _buffer.AsSpan(_start, place - _start).Count((byte)'\n');
        _offset += place - _start;
        _start = place;
    }
}
