using System.Globalization;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>Questions and options as a person reads them: what the catalogue calls them, else their ids.</summary>
internal static class ItemName
{
    private const int LongestText = 90;

    /// <summary>The text, cut where it is long, with the id as its title; without a text the id.</summary>
    public static Markup Render(string id, string? text) => text is null
        ? Html($"""<code class="id" title="{id}">{id}</code>""")
        : Html($"""<span title="{id}: {text}">{Cut(text)}</span>""");

    /// <summary>The same as plain text.</summary>
    public static string Of(string id, string? text) => text is null ? id : Cut(text);

    // Within no letter, and on one line.
    private static string Cut(string text)
    {
        text = text.ReplaceLineEndings(" ");
        var letters = StringInfo.ParseCombiningCharacters(text);
        return letters.Length <= LongestText ? text : $"{text.AsSpan(0, letters[LongestText - 1]).TrimEnd()}…";
    }
}
