namespace Analytics.Api.Sql;

/// <summary>A place in a statement. All numbers count characters from 1, as PostgreSQL does.</summary>
internal sealed record StatementPosition(int Position, int Line, int Column)
{
    /// <param name="sql">The statement.</param>
    /// <param name="index">The index of a character in the string.</param>
    public static StatementPosition Of(string sql, int index)
    {
        var before = sql.AsSpan(0, Math.Min(index, sql.Length));
        var line = before[(before.LastIndexOf('\n') + 1)..];
        return new StatementPosition(Characters(before) + 1, before.Count('\n') + 1, Characters(line) + 1);
    }

    /// <param name="sql">The statement.</param>
    /// <param name="position">The number of a character, from 1.</param>
    public static StatementPosition OfCharacter(string sql, int position)
    {
        var index = 0;
        for (var character = 1; character < position && index < sql.Length; character++)
        {
            index += char.IsSurrogatePair(sql, index) ? 2 : 1;
        }

        return Of(sql, index);
    }

    /// <summary>How many characters PostgreSQL counts in a text.</summary>
    public static int Characters(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
