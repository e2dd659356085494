using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Analytics.Api.Pages;

/// <summary>HTML that is safe to send: all that an interpolated string puts between its own tags is encoded, unless it is markup itself.</summary>
internal readonly struct Markup
{
    private readonly string? _html;

    private Markup(string html) => _html = html;

    public static Markup None => default;

    public static Markup Html(Writer html) => new(html.ToString());

    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts));

    public override string ToString() => _html ?? "";

    /// <summary>Writes the holes of an interpolated string.</summary>
    /// <param name="literalLength">Given by the compiler.</param>
    /// <param name="holes">Given by the compiler.</param>
    [InterpolatedStringHandler]
    internal readonly struct Writer(int literalLength, int holes)
    {
        // Letters of all scripts stay as they are: the page is UTF-8.
        private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

        private readonly StringBuilder _html = new(literalLength + 16 * holes);

        public void AppendLiteral(string html) => _html.Append(html);

        public void AppendFormatted(Markup markup) => _html.Append(markup._html);

        public void AppendFormatted(IEnumerable<Markup> parts) => _html.AppendJoin("", parts);

        public void AppendFormatted(string? text) => _html.Append(Encoder.Encode(text ?? ""));

        public void AppendFormatted(long number) => _html.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(double number) => _html.Append(CultureInfo.InvariantCulture, $"{number:0.###}");

        public override string ToString() => _html.ToString();
    }
}
