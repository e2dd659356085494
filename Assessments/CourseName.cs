using System.Text;

namespace Assessments;

/// <summary>The name of a course as a reader sees it: what looks the same is the same.</summary>
public static class CourseName
{
    /// <summary>
    /// A name without the characters that can't be seen, white space (of any kind, control characters too) as single blanks, none at the ends. It is not put in
    /// Unicode's form C, which .NET leaves undone where globalization is invariant: PostgreSQL's <c>normalize</c> does that.
    /// </summary>
    /// <param name="name">An event's exam_name; null is the course without a name.</param>
    public static string From(string? name)
    {
        if (name is null || IsClean(name))
        {
            return name ?? "";
        }

        var clean = new StringBuilder(name.Length);
        var blankDue = false;
        foreach (var letter in name)
        {
            if (IsBlank(letter))
            {
                blankDue = clean.Length > 0;
            }
            else if (!IsInvisible(letter))
            {
                clean.Append(blankDue ? " " : "").Append(letter);
                blankDue = false;
            }
        }

        return clean.ToString();
    }

    private static bool IsClean(string name)
    {
        var wasBlank = true;
        foreach (var letter in name)
        {
            var isBlank = IsBlank(letter);
            if (IsInvisible(letter) || (isBlank && (wasBlank || letter != ' ')))
            {
                return false;
            }

            wasBlank = isBlank;
        }

        return name.Length == 0 || !wasBlank;
    }

    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || char.IsControl(letter);

    /// <summary>Soft hyphen, zero-width space, marks of direction, word joiner and byte order mark; the joiners of scripts and emoji can be seen.</summary>
    private static bool IsInvisible(char letter) =>
        letter is '\u00AD' or '\u200B' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E')
            or (>= '\u2060' and <= '\u2064') or (>= '\u2066' and <= '\u2069') or '\uFEFF';
}
