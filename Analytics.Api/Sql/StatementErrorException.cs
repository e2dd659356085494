using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>PostgreSQL does not understand a statement.</summary>
/// <param name="refused">What it said of the text that it was sent.</param>
/// <param name="character">Where in the query, in characters from 1; behind its end where something is missing there.</param>
/// <param name="statement">The statement.</param>
internal sealed class StatementErrorException(PostgresException refused, int character, StatementForm statement)
    : Exception(character > StatementPosition.Characters(statement.Query) ? "syntax error at end of input" : refused.MessageText, refused)
{
    public PostgresException Refused => refused;

    public int Character => character;
}
