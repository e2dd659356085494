using System.Globalization;
using System.Text;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>A run of characters of one look.</summary>
internal readonly record struct AnsiRun(string Text, string Class, string? Style);

/// <summary>
/// Console text with ECMA-48 escape sequences, cut into runs: colours and weights (SGR) are kept as classes of the style sheet,
/// all other sequences and control characters are left out, so that nothing of a log can move a cursor or become markup.
/// </summary>
internal static class AnsiText
{
    private const char Escape = '\e';

    public static List<AnsiRun> Parse(string line)
    {
        var runs = new List<AnsiRun>();
        var text = new StringBuilder();
        var look = new Look();
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == Escape)
            {
                var (end, sgr) = Sequence(line, i + 1);
                if (sgr is not null)
                {
                    Flush();
                    look.Apply(sgr);
                }

                i = end;
            }
            else if (!char.IsControl(c) || c == '\t')
            {
                text.Append(c);
            }
        }

        Flush();
        return runs;

        void Flush()
        {
            if (text.Length > 0)
            {
                runs.Add(new(text.ToString(), look.Class, look.Style));
                text.Clear();
            }
        }
    }

    /// <summary>Where a sequence ends, and its parameters if it is one for colours: CSI … m. A sequence that never ends takes the rest of the line.</summary>
    private static (int End, string? Sgr) Sequence(string line, int at)
    {
        if (at >= line.Length)
        {
            return (line.Length, null);
        }

        if (line[at] is ']' or 'P' or '_' or '^' or 'X')
        {
            // A string for the terminal, as a title or a link: up to BEL or ESC \.
            for (var i = at + 1; i < line.Length; i++)
            {
                if (line[i] == '\a')
                {
                    return (i, null);
                }

                if (line[i] == Escape)
                {
                    return (i + 1, null);
                }
            }

            return (line.Length, null);
        }

        if (line[at] != '[')
        {
            return (at, null);
        }

        for (var i = at + 1; i < line.Length; i++)
        {
            if (line[i] is >= '@' and <= '~')
            {
                return (i, line[i] == 'm' ? line[(at + 1)..i] : null);
            }
        }

        return (line.Length, null);
    }

    /// <summary>Colours and weights in force; an index of 0 to 15 is one of the style sheet's, others are a CSS colour.</summary>
    private struct Look
    {
        private bool _bold;
        private bool _dim;
        private bool _italic;
        private bool _underlined;
        private bool _inverse;
        private int? _front;
        private int? _back;
        private string? _frontColor;
        private string? _backColor;

        public readonly string Class => string.Join(' ', new[]
        {
            _bold ? "a-bold" : null, _dim ? "a-dim" : null, _italic ? "a-italic" : null, _underlined ? "a-line" : null, _inverse ? "a-inverse" : null,
            _front is { } front ? $"a-f{front}" : null, _back is { } back ? $"a-b{back}" : null,
        }.Where(name => name is not null));

        public readonly string? Style => (_frontColor, _backColor) switch
        {
            (null, null) => null,
            (_, null) => $"color:{_frontColor}",
            (null, _) => $"background:{_backColor}",
            _ => $"color:{_frontColor};background:{_backColor}",
        };

        public void Apply(string parameters)
        {
            var codes = Array.ConvertAll(parameters.Split(';', ':'), code => int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);
            for (var i = 0; i < codes.Length; i++)
            {
                switch (codes[i])
                {
                    case 0: this = default; break;
                    case 1: _bold = true; break;
                    case 2: _dim = true; break;
                    case 3: _italic = true; break;
                    case 4: _underlined = true; break;
                    case 7: _inverse = true; break;
                    case 22: (_bold, _dim) = (false, false); break;
                    case 23: _italic = false; break;
                    case 24: _underlined = false; break;
                    case 27: _inverse = false; break;
                    case 38: (_front, _frontColor) = Color(codes, ref i); break;
                    case 39: (_front, _frontColor) = (null, null); break;
                    case 48: (_back, _backColor) = Color(codes, ref i); break;
                    case 49: (_back, _backColor) = (null, null); break;
                    case >= 30 and <= 37: (_front, _frontColor) = (codes[i] - 30, null); break;
                    case >= 40 and <= 47: (_back, _backColor) = (codes[i] - 40, null); break;
                    case >= 90 and <= 97: (_front, _frontColor) = (codes[i] - 82, null); break;
                    case >= 100 and <= 107: (_back, _backColor) = (codes[i] - 92, null); break;
                }
            }
        }

        /// <summary>38;5;n is one of 256, 38;2;r;g;b any: 16 as named, a cube of 6×6×6, 24 greys.</summary>
        private static (int? Index, string? Color) Color(int[] codes, ref int i)
        {
            if (i + 2 < codes.Length && codes[i + 1] == 5)
            {
                var n = codes[i += 2];
                return n switch
                {
                    < 16 => (n, null),
                    < 232 => (null, Rgb(Step((n - 16) / 36), Step((n - 16) / 6 % 6), Step((n - 16) % 6))),
                    _ => (null, Rgb(8 + ((n - 232) * 10), 8 + ((n - 232) * 10), 8 + ((n - 232) * 10))),
                };
            }

            if (i + 4 < codes.Length && codes[i + 1] == 2)
            {
                i += 4;
                return (null, Rgb(codes[i - 2], codes[i - 1], codes[i]));
            }

            i = codes.Length;
            return (null, null);
        }

        private static int Step(int level) => level == 0 ? 0 : 55 + (level * 40);

        private static string Rgb(int red, int green, int blue) => string.Create(CultureInfo.InvariantCulture, $"rgb({Math.Min(red, 255)},{Math.Min(green, 255)},{Math.Min(blue, 255)})");
    }
}
