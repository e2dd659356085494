using System.ComponentModel;

namespace Analytics.Api.Sql;

/// <summary>What there is to ask by SQL.</summary>
internal sealed record SqlSchema([property: Description("The views by name.")] IReadOnlyList<SqlView> Views);

/// <summary>A view.</summary>
internal sealed record SqlView(
    [property: Description("Its name, in the schema activity, which needs no naming.")] string Name,
    [property: Description("What one row is.")] string? Description,
    [property: Description("The columns in order.")] IReadOnlyList<SqlViewColumn> Columns);

/// <summary>A column of a view.</summary>
internal sealed record SqlViewColumn(
    [property: Description("The view's name.")] string View,
    [property: Description("The column's name.")] string Name,
    [property: Description("PostgreSQL's name of its type.")] string Type,
    [property: Description("What it is.")] string? Description);

/// <summary>Questions with their statements, ready to be sent.</summary>
internal sealed record ReadyQueryList([property: Description("Those of the published reports on this data set first.")] IReadOnlyList<ReadyQuery> Queries);

/// <summary>A question with its statement.</summary>
internal sealed record ReadyQuery(
    [property: Description("Its name.")] string Name,
    [property: Description("The question in words.")] string Question,
    [property: Description("The statement that answers it, for /api/sql.")] string Sql);

/// <summary>What statements may use of PostgreSQL's own.</summary>
internal sealed record SqlVocabulary(
    [property: Description("Functions, by subject. A name stands for all functions of that name over the types.")] IReadOnlyList<SqlFunction> Functions,
    [property: Description("Types, by PostgreSQL's internal names; their arrays come with them.")] IReadOnlyList<string> Types);

/// <summary>A function that a statement may call.</summary>
internal sealed record SqlFunction(
    [property: Description("What it is about.")] string Subject,
    [property: Description("Its name, in the schema pg_catalog, which needs no naming.")] string Name);
