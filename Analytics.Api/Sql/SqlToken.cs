namespace Analytics.Api.Sql;

/// <summary>What a piece of a statement is.</summary>
internal enum SqlTokenKind
{
    /// <summary>An unquoted name or keyword, in lower case.</summary>
    Word,

    /// <summary>A name in double quotes, as it is: never a keyword.</summary>
    QuotedName,

    /// <summary>A literal: text in any kind of quotes, or a number.</summary>
    Literal,

    /// <summary>One character of an operator or of punctuation.</summary>
    Symbol,
}

/// <summary>A piece of a statement.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A name without its quotes, a symbol as it is, nothing for a literal.</param>
/// <param name="Position">The index of its first character.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Position)
{
    public bool IsWord(string word) => Kind == SqlTokenKind.Word && Text == word;

    public bool IsSymbol(char symbol) => Kind == SqlTokenKind.Symbol && Text[0] == symbol;

    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;
}
