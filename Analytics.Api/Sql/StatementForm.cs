using System.Collections.Frozen;
using System.Text;

namespace Analytics.Api.Sql;

/// <summary>
/// What a statement is by its form: one query, or EXPLAIN of one. What the query uses is PostgreSQL's to say (<see cref="StatementGate"/>).
/// </summary>
/// <param name="Explain">EXPLAIN with its options, written anew; nothing for a query.</param>
/// <param name="Query">The query, letter by letter, but $1 and so on for its parameters, each as long as the name that it stands for.</param>
/// <param name="Start">The index of the query's first character in the statement.</param>
/// <param name="Tokens">What the query is made of.</param>
/// <param name="Analysed">The query with an unknown value of the right type for each parameter: a view, as which it is analysed, can have none.</param>
internal sealed record StatementForm(string Explain, string Query, int Start, IReadOnlyList<SqlToken> Tokens, AnalysedQuery Analysed)
{
    /// <summary>More would need longer names than :a.</summary>
    public const int MostParameters = 9;

    // SETTINGS would tell the server's.
    private static readonly FrozenSet<string> PlanOptions =
        FrozenSet.Create("analyze", "analyse", "verbose", "costs", "buffers", "timing", "summary", "format");

    private static readonly FrozenSet<string> PlanValues = FrozenSet.Create("on", "off", "true", "false", "text", "json", "yaml");

    /// <summary>What PostgreSQL is sent.</summary>
    public string Text => Explain + Query;

    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its parameters, <see cref="MostParameters"/> at most, each <c>:name</c> in the statement.</param>
    /// <exception cref="SqlRefusedException">The statement has another form; the message says which are taken.</exception>
    public static StatementForm Read(string sql, IReadOnlyList<StatementParameter> parameters)
    {
        for (var i = 0; i < sql.Length; i++)
        {
            if (sql[i] == '\0' || (char.IsSurrogate(sql[i]) && !(char.IsSurrogatePair(sql, i) && i++ >= 0)))
            {
                throw new SqlRefusedException("The statement holds a character that no text has.", i);
            }
        }

        var tokens = SqlLexer.Read(sql);
        var end = sql.Length;
        while (tokens is [.., var last] && last.IsSymbol(';'))
        {
            end = last.Position;
            tokens.RemoveAt(tokens.Count - 1);
        }

        var start = SkipExplain(tokens);
        if (!StartsQuery(tokens, start))
        {
            var position = start < tokens.Count ? tokens[start].Position : 0;
            throw new SqlRefusedException("Only a statement that reads is taken: SELECT, WITH, VALUES or TABLE, and EXPLAIN before one of them.", position);
        }

        foreach (var token in tokens)
        {
            Check(token);
        }

        var explain = string.Concat(tokens.Take(start).Select(token => token.Text + " "));
        var from = tokens[start].Position;
        var marks = Marks(sql, tokens, parameters).ToArray();
        return new StatementForm(explain, WithPlaces(sql, marks)[from..end], from, tokens[start..], AnalysedQuery.Of(sql[..end], from, marks));
    }

    /// <inheritdoc cref="Read(string, IReadOnlyList{StatementParameter})"/>
    public static StatementForm Read(string sql) => Read(sql, []);

    // Where a colon and a name follow neither a colon (a cast) nor what may have a bound of a slice behind it.
    private static IEnumerable<ParameterMark> Marks(string sql, List<SqlToken> tokens, IReadOnlyList<StatementParameter> parameters)
    {
        foreach (var (colon, name) in tokens.Zip(tokens.Skip(1)))
        {
            var before = colon.Position == 0 ? ' ' : sql[colon.Position - 1];
            if (colon.IsSymbol(':') && name.Kind == SqlTokenKind.Word && name.Position == colon.Position + 1
                && !(char.IsLetterOrDigit(before) || before is ':' or '_' or ']' or ')' or '"' or '\''))
            {
                for (var i = 0; i < parameters.Count; i++)
                {
                    if (parameters[i].Name == name.Text)
                    {
                        yield return new ParameterMark(colon.Position, 1 + name.Text.Length, i + 1, parameters[i].SqlType);
                    }
                }
            }
        }
    }

    // As long as before, so that what PostgreSQL says of a place holds of the statement as it was written.
    private static string WithPlaces(string sql, ParameterMark[] marks)
    {
        var text = new StringBuilder(sql);
        foreach (var mark in marks)
        {
            text.Remove(mark.Index, mark.Length).Insert(mark.Index, $"${mark.Number}".PadRight(mark.Length));
        }

        return text.ToString();
    }

    /// <summary>The index of the token that has a name, or of the first letter of an operator: where a person finds what a refusal names.</summary>
    public int? Find(string name)
    {
        foreach (var token in Tokens)
        {
            if (token.Kind != SqlTokenKind.Literal && token.Text == (token.IsName ? name : name[..1]))
            {
                return token.Position;
            }
        }

        return null;
    }

    private static void Check(SqlToken token)
    {
        if (token.IsSymbol(';'))
        {
            throw new SqlRefusedException("Only one statement is taken at a time.", token.Position);
        }

        // PostgreSQL reads these while it analyses, and would say whether there is what they name.
        if (token.IsName && Vocabulary.CatalogTypes.Contains(token.Text.TrimStart('_')))
        {
            throw new SqlRefusedException($"The type {token.Text} names what others own, and is not taken.", token.Position);
        }
    }

    private static bool IsOneOf(SqlToken token, FrozenSet<string> words) => token.Kind == SqlTokenKind.Word && words.Contains(token.Text);

    private static bool StartsQuery(List<SqlToken> tokens, int start)
    {
        while (start < tokens.Count && tokens[start].IsSymbol('('))
        {
            start++;
        }

        return start < tokens.Count && tokens[start] is { Kind: SqlTokenKind.Word, Text: "select" or "with" or "values" or "table" };
    }

    private static int SkipExplain(List<SqlToken> tokens)
    {
        if (tokens is not [var explain, ..] || !explain.IsWord("explain"))
        {
            return 0;
        }

        var at = 1;
        if (at < tokens.Count && tokens[at].IsSymbol('(') && !StartsQuery(tokens, at))
        {
            for (at++; at < tokens.Count && !tokens[at].IsSymbol(')'); at++)
            {
                var isOption = tokens[at - 1].Kind == SqlTokenKind.Symbol;
                if (isOption ? !IsOneOf(tokens[at], PlanOptions) : !IsOneOf(tokens[at], PlanValues) && !tokens[at].IsSymbol(','))
                {
                    throw new SqlRefusedException(
                        $"EXPLAIN takes the options {string.Join(", ", PlanOptions.Order()).ToUpperInvariant()} here, each with {string.Join(", ", PlanValues.Order())} or nothing.",
                        tokens[at].Position);
                }
            }

            return at + 1;
        }

        while (at < tokens.Count && (tokens[at].IsWord("analyze") || tokens[at].IsWord("analyse") || tokens[at].IsWord("verbose")))
        {
            at++;
        }

        return at;
    }
}
