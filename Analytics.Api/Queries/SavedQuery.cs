using System.ComponentModel;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Analytics.Api.Sql;
using Npgsql;

namespace Analytics.Api.Queries;

/// <summary>A question that somebody keeps: a file of SQL with a head of comments.</summary>
internal sealed partial record SavedQuery(
    [property: Description("Its name: the file's, without .sql.")] string Name,
    [property: Description("What it answers, in a few words.")] string Title,
    [property: Description("What is to be known of it; empty for nothing.")] string Description,
    [property: Description("Whether the report shows its first rows.")] bool OnReport,
    [property: Description("Its parameters, in the order of the file.")] IReadOnlyList<StatementParameter> Parameters,
    [property: Description("The statement, as the file has it.")] string Sql,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull),
        Description("What is wrong with the file; where something is, the query is not run.")]
    string? Complaint = null)
{
    // What the address of a table takes itself.
    private static readonly string[] Reserved = ["format", "for"];

    /// <summary>
    /// Reads a file: comments at its begin, of which each line is a field and its value, then the statement.
    /// <code>
    /// -- title: Attempts by month
    /// -- description: Those of one course.
    /// -- parameter: course text = learning-git -- the course's slug
    /// -- report: yes
    /// select …
    /// </code>
    /// </summary>
    public static SavedQuery Read(string name, string text)
    {
        var (title, description, onReport, complaint) = ("", "", false, (string?)null);
        var parameters = new List<StatementParameter>();
        var number = 0;
        foreach (var line in text.Split('\n').TakeWhile(line => line.Trim() is "" or ['-', '-', ..]))
        {
            number++;
            if (Field().Match(line) is not { Success: true, Groups: var field })
            {
                continue; // A comment.
            }

            var value = field["value"].Value.Trim();
            switch (field["name"].Value)
            {
                case "title":
                    title = value;
                    break;
                case "description":
                    description = description.Length == 0 ? value : $"{description} {value}";
                    break;
                case "report" when value is "yes" or "no":
                    onReport = value == "yes";
                    break;
                case "parameter" when Parameter().Match(value) is { Success: true, Groups: var parts }:
                    parameters.Add(new StatementParameter(
                        parts["name"].Value, Enum.Parse<ParameterType>(parts["type"].Value, ignoreCase: true),
                        parts["default"].Success ? parts["default"].Value : null, parts["words"].Value));
                    break;
                case "parameter":
                    complaint ??= $"Line {number}: a parameter is written as “-- parameter: name type = default -- what it is”, with the type text, integer, number or date.";
                    break;
                default:
                    complaint ??= $"Line {number}: report is yes or no.";
                    break;
            }
        }

        return new SavedQuery(name, title.Length == 0 ? name : title, description, onReport, parameters, text, complaint ?? ComplaintOf(text, parameters));
    }

    /// <summary>Gives its parameters values.</summary>
    /// <param name="given">The text of a parameter's value by the parameter's name; null where none is given.</param>
    /// <returns>The statement, or a sentence that says what is wrong.</returns>
    public (Statement? Statement, string? Complaint) With(Func<string, string?> given)
    {
        if (Complaint is not null)
        {
            return (null, $"The query {Name} is not run: {Complaint}");
        }

        var values = new List<NpgsqlParameter>();
        foreach (var parameter in Parameters)
        {
            if ((given(parameter.Name) ?? parameter.Default) is not { } text)
            {
                return (null, $"The query {Name} needs the parameter {parameter.Name}: {parameter.Expected}.");
            }

            if (parameter.Read(text) is not { } value)
            {
                return (null, $"The parameter {parameter.Name} can't be \"{text}\": {parameter.Expected}.");
            }

            values.Add(value);
        }

        return (new Statement(Sql, Parameters, values), null);
    }

    private static string? ComplaintOf(string text, List<StatementParameter> parameters) =>
        text.Length > SqlOptions.LongestStatement ? $"A statement has at most {SqlOptions.LongestStatement} characters."
        : parameters.Count > StatementForm.MostParameters ? $"A query has at most {StatementForm.MostParameters} parameters."
        : parameters.Find(parameter => Reserved.Contains(parameter.Name)) is { } reserved
            ? $"No parameter is called {reserved.Name}: addresses have one of that name."
        : parameters.CountBy(parameter => parameter.Name).FirstOrDefault(named => named.Value > 1).Key is { } twice ? $"The parameter {twice} is there twice."
        : parameters.Find(parameter => parameter is { Default: { } value } && parameter.Read(value) is null) is { } wrong
            ? $"The parameter {wrong.Name} can't be \"{wrong.Default}\": {wrong.Expected}."
        : null;

    [GeneratedRegex(@"^\s*--\s*(?<name>title|description|parameter|report)\s*:(?<value>.*)$")]
    private static partial Regex Field();

    [GeneratedRegex(@"^(?<name>[a-z_][a-z0-9_]*)\s+(?<type>text|integer|number|date)(\s*=\s*(?<default>.*?))?(\s+--\s+(?<words>.*))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}

/// <summary>The saved queries by title.</summary>
internal sealed record SavedQueryList([property: Description("The queries.")] IReadOnlyList<SavedQuery> Queries);
