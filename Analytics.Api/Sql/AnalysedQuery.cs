using System.Text;

namespace Analytics.Api.Sql;

/// <summary>A parameter in a statement.</summary>
/// <param name="Index">The index of its colon.</param>
/// <param name="Length">How many characters the colon and the name have.</param>
/// <param name="Number">Its number among the parameters, from 1.</param>
/// <param name="SqlType">PostgreSQL's name of its type.</param>
internal readonly record struct ParameterMark(int Index, int Length, int Number, string SqlType);

/// <summary>A query in the form in which PostgreSQL analyses it.</summary>
internal sealed class AnalysedQuery
{
    private readonly List<(int Begin, int End, int Longer)> _changes = [];

    private AnalysedQuery(string text) => Text = text;

    public string Text { get; private set; }

    /// <summary>
    /// Puts a subquery without a row's value in place of each parameter. It has the parameter's type, so PostgreSQL finds the functions that it will find
    /// for the value, and it is no constant, so nobody takes it for a small one.
    /// </summary>
    /// <param name="sql">The statement up to the query's end.</param>
    /// <param name="from">Where the query begins.</param>
    /// <param name="marks">The parameters in the statement, in order.</param>
    public static AnalysedQuery Of(string sql, int from, ParameterMark[] marks)
    {
        var query = new AnalysedQuery(sql[from..]);
        var text = new StringBuilder(query.Text);
        var longer = 0;
        foreach (var mark in marks)
        {
            var stand = $"(select null::{mark.SqlType})";
            var begin = mark.Index - from + longer;
            text.Remove(begin, mark.Length).Insert(begin, stand);
            query._changes.Add(
                (StatementPosition.Characters(text.ToString(0, begin)), StatementPosition.Characters(text.ToString(0, begin)) + stand.Length,
                stand.Length - mark.Length));
            longer += stand.Length - mark.Length;
        }

        query.Text = text.ToString();
        return query;
    }

    /// <summary>
    /// Where in the query a character of the analysed text stands, both in characters from 1; of one within a stand-in the parameter's colon.
    /// </summary>
    public int CharacterOf(int analysed)
    {
        var character = analysed;
        foreach (var (begin, end, longer) in _changes)
        {
            if (analysed > end)
            {
                character -= longer;
            }
            else if (analysed > begin)
            {
                character -= analysed - begin - 1;
            }
        }

        return character;
    }
}
