namespace Analytics.Api.Http;

/// <summary>Which of the known names a person may have meant.</summary>
internal static class Nearest
{
    // A longer text is no slip of the fingers, and would take long to compare.
    private const int LongestText = 200;

    /// <summary>The known name that takes the fewest edits, the first of as many; null if none is near: within a third of its letters, or one edit.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="known">The names there are.</param>
    public static string? Of(string text, IEnumerable<string> known)
    {
        if (text.Length > LongestText)
        {
            return null;
        }

        string? nearest = null;
        var least = int.MaxValue;
        foreach (var name in known)
        {
            var bound = Math.Max(1, Math.Min(text.Length, name.Length) / 3);
            if (Math.Abs(text.Length - name.Length) <= bound && Distance(text, name) is var edits && edits <= bound && edits < least)
            {
                (nearest, least) = (name, edits);
            }
        }

        return nearest;
    }

    /// <summary>The same as a question to end a sentence with: <c>; did you mean x?</c>, or a given end where nothing is near.</summary>
    public static string Question(string text, IEnumerable<string> known, string otherwise = ".") =>
        Of(text, known) is { } nearest ? $"; did you mean {nearest}?" : otherwise;

    /// <summary>
    /// How many letters to insert, delete, replace or swap with their neighbour to make one text of the other, in any case:
    /// the restricted Damerau–Levenshtein distance.
    /// </summary>
    public static int Distance(string one, string other)
    {
        var (twoBefore, before, row) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var j = 0; j <= other.Length; j++)
        {
            before[j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                row[j] = Math.Min(Math.Min(before[j], row[j - 1]) + 1, before[j - 1] + (Same(i - 1, j - 1) ? 0 : 1));
                if (i > 1 && j > 1 && Same(i - 1, j - 2) && Same(i - 2, j - 1))
                {
                    row[j] = Math.Min(row[j], twoBefore[j - 2] + 1);
                }
            }

            (twoBefore, before, row) = (before, row, twoBefore);
        }

        return before[other.Length];

        bool Same(int i, int j) => char.ToUpperInvariant(one[i]) == char.ToUpperInvariant(other[j]);
    }
}
