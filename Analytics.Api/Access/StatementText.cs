using System.Text.RegularExpressions;

namespace Analytics.Api.Access;

/// <summary>A statement for the audit log: what was asked of which view, but no constant, since one may be a person's id.</summary>
internal static partial class StatementText
{
    private const int Longest = 2000;

    /// <summary>Puts <c>?</c> for every text and number, leaves out comments, and writes the rest as one line of at most 2,000 characters.</summary>
    public static string WithoutConstants(string sql)
    {
        var line = Part().Replace(sql, part => part.Groups["name"].Success ? part.Value : part.Groups["constant"].Success ? "?" : " ").Trim();
        return line.Length <= Longest ? line : $"{line[..Longest]}…";
    }

    // PostgreSQL 18 manual, 4.1. What is not closed goes to the end, so that each part is found in one pass.
    [GeneratedRegex(
        """
        (?<constant>
            [eE]'(?:[^'\\]|\\.|'')*(?:'|\\?\z)
          | (?:[uU]&|[bBxXnN])?'(?:[^']|'')*(?:'|\z)
          | \$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$.*?(?:\$\k<tag>\$|\z)
          | \.?\p{Nd}[\p{L}\p{N}_.]*(?:(?<=[eE])[+-]\p{Nd}+)? )
        | (?<name> "(?:[^"]|"")*(?:"|\z) | [\p{L}_][\p{L}\p{N}_$]* )
        | (?: \s+
            | --[^\r\n]*
            | /\*(?>[^*/]|\*(?!/)|/(?!\*)|(?<open>/\*)|(?<-open>\*/))*(?(open)(?!))\*/
            | /\*.* )+
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Part();
}
