namespace Analytics.Api.Sql;

/// <summary>
/// Tells a question from everything else before PostgreSQL sees it: one statement that reads, that names no catalogue, and that calls nothing but
/// <see cref="SqlWords.Functions"/>. What slips through here meets the rights of the role that runs it.
/// </summary>
internal static class SqlRules
{
    private const string Catalogue = "pg_catalog";

    /// <exception cref="SqlRefusedException">The statement is not one of these; the message says why and what to do.</exception>
    public static void Check(string sql)
    {
        for (var i = 0; i < sql.Length; i++)
        {
            if (sql[i] == '\0' || (char.IsSurrogate(sql[i]) && !(char.IsSurrogatePair(sql, i) && i++ >= 0)))
            {
                throw new SqlRefusedException("The statement holds a character that no text has.", i);
            }
        }

        var tokens = SqlLexer.Read(sql);
        while (tokens is [.., var last] && last.IsSymbol(';'))
        {
            tokens.RemoveAt(tokens.Count - 1);
        }

        CheckStart(tokens);
        for (var i = 0; i < tokens.Count; i++)
        {
            CheckToken(tokens, i);
        }
    }

    private static void CheckStart(List<SqlToken> tokens)
    {
        var start = tokens is [var explain, ..] && explain.IsWord("explain") ? 1 : 0;
        while (start < tokens.Count && tokens[start].IsSymbol('('))
        {
            start++;
        }

        if (start == tokens.Count)
        {
            throw new SqlRefusedException("There is no statement.", 0);
        }

        if (tokens[start] is not { Kind: SqlTokenKind.Word, Text: "select" or "with" or "values" or "table" })
        {
            throw new SqlRefusedException("Only a statement that reads is taken: SELECT, WITH, VALUES or TABLE, and EXPLAIN directly before one of them.", tokens[start].Position);
        }
    }

    private static void CheckToken(List<SqlToken> tokens, int index)
    {
        var token = tokens[index];
        var next = index + 1 < tokens.Count ? tokens[index + 1] : default;
        if (token.IsSymbol(';'))
        {
            throw new SqlRefusedException("Only one statement is taken at a time.", token.Position);
        }

        if (token.Kind == SqlTokenKind.Word && SqlWords.Refused.Contains(token.Text))
        {
            throw new SqlRefusedException($"{token.Text.ToUpperInvariant()} is not taken: a statement only reads.", token.Position);
        }

        if (token.IsWord("for") && next.Kind == SqlTokenKind.Word && next.Text is "update" or "share" or "no" or "key")
        {
            throw new SqlRefusedException("Locking rows (FOR UPDATE, FOR SHARE) is not taken: a statement only reads.", token.Position);
        }

        if (!token.IsName)
        {
            return;
        }

        if (next.IsSymbol('('))
        {
            CheckCall(tokens, index);
        }
        else if (IsCatalogue(token.Text) && !(token.Text == Catalogue && next.IsSymbol('.')))
        {
            throw new SqlRefusedException("PostgreSQL's catalogues (pg_…, information_schema) can't be asked; GET /api/schema tells what there is.", token.Position);
        }
    }

    private static void CheckCall(List<SqlToken> tokens, int index)
    {
        var token = tokens[index];
        var before = index > 0 ? tokens[index - 1] : default;
        if (before.IsSymbol('.'))
        {
            var schema = index > 1 ? tokens[index - 2] : default;
            var deeper = index > 2 && tokens[index - 3].IsSymbol('.');
            if (schema.IsName && schema.Text == Catalogue && !deeper && SqlWords.Functions.Contains(token.Text))
            {
                return;
            }
        }
        else if ((token.Kind == SqlTokenKind.Word && SqlWords.BeforeParenthesis.Contains(token.Text))
            || SqlWords.Functions.Contains(token.Text)
            || NamesColumns(tokens, index))
        {
            return;
        }

        throw new SqlRefusedException(
            $"The function {token.Text} is not taken here; docs/reference/sql.md lists those that are. (Before a list of column names write AS, or WITH.)", token.Position);
    }

    /// <summary>Whether a name is an alias with a list of columns: after AS, or as the first in WITH, nothing is called.</summary>
    private static bool NamesColumns(List<SqlToken> tokens, int index)
    {
        var keyword = index - 1;
        if (keyword > 0 && tokens[keyword].IsWord("recursive"))
        {
            keyword--;
            return tokens[keyword].IsWord("with");
        }

        // After a point even a keyword is a name.
        return keyword >= 0 && (tokens[keyword].IsWord("as") || tokens[keyword].IsWord("with")) && !(keyword > 0 && tokens[keyword - 1].IsSymbol('.'));
    }

    // The types beside them turn numbers into the names of what others own.
    private static bool IsCatalogue(string name) => name.StartsWith("pg_", StringComparison.Ordinal)
        || name is "information_schema" or "regclass" or "regcollation" or "regconfig" or "regdictionary" or "regnamespace"
            or "regoper" or "regoperator" or "regproc" or "regprocedure" or "regrole" or "regtype";
}
