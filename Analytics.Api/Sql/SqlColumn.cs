using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Analytics.Api.Sql;

/// <summary>A column of an answer.</summary>
internal sealed record SqlColumn(
    [property: Description("Its name; of two with one name the second gets a number.")] string Name,
    [property: Description("PostgreSQL's name of its type.")] string Type);

/// <summary>An answer in JSON, as it is documented; it is written row by row.</summary>
internal sealed record SqlAnswer(
    [property: Description("The columns in order.")] IReadOnlyList<SqlColumn> Columns,
    [property: Description("The rows, each with a field a column. Numbers that JSON can't hold (NaN, Infinity) are texts.")] IReadOnlyList<JsonObject> Rows);

/// <summary>A statement in JSON.</summary>
internal sealed record SqlQuestion([property: Description("One statement that reads.")] string Query);
