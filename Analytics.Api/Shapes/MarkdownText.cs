using System.Buffers;
using System.Text;

namespace Analytics.Api.Shapes;

/// <summary>Texts as Markdown shows them: a name is no markup.</summary>
internal static class MarkdownText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\\`*_~|<>[]&");

    /// <summary>
    /// The text on one line, with a backslash before what Markdown, or HTML in it, would take for more than itself; "_" only where it could begin or end
    /// emphasis.
    /// </summary>
    public static string Escape(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        if (!line.AsSpan().ContainsAny(Special))
        {
            return line;
        }

        var escaped = new StringBuilder(line.Length + 8);
        for (var i = 0; i < line.Length; i++)
        {
            var isInWord = i > 0 && i + 1 < line.Length && char.IsLetterOrDigit(line[i - 1]) && char.IsLetterOrDigit(line[i + 1]);
            if (line[i] == '&' ? i + 1 < line.Length && (char.IsLetter(line[i + 1]) || line[i + 1] == '#') : Special.Contains(line[i]) && !(
                line[i] == '_' && isInWord))
            {
                escaped.Append('\\');
            }

            escaped.Append(line[i]);
        }

        return escaped.ToString();
    }
}
