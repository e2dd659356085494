using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>A statement with the values of its parameters.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Parameters">The parameters that it may have.</param>
/// <param name="Values">Their values, in the same order.</param>
internal sealed record Statement(string Text, IReadOnlyList<StatementParameter> Parameters, IReadOnlyList<NpgsqlParameter> Values)
{
    public Statement(string text) : this(text, [], [])
    {
    }

    /// <exception cref="SqlRefusedException">It has a form that is not taken.</exception>
    public StatementForm Form => StatementForm.Read(Text, Parameters);
}
