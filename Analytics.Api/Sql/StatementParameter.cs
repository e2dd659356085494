using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>What the values of a parameter are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ParameterType>))]
internal enum ParameterType
{
    [JsonStringEnumMemberName("text")]
    Text,

    [JsonStringEnumMemberName("integer")]
    Integer,

    [JsonStringEnumMemberName("number")]
    Number,

    [JsonStringEnumMemberName("date")]
    Date,
}

/// <summary>A parameter of a saved query: <c>:name</c> in its statement.</summary>
internal sealed record StatementParameter(
    [property: Description("Its name, in lower case.")] string Name,
    [property: Description("What its values are.")] ParameterType Type,
    [property: Description("What it is where it is left out; null where it must be given.")] string? Default,
    [property: Description("What it is about.")] string Description)
{
    /// <summary>PostgreSQL's name of its type.</summary>
    [JsonIgnore]
    public string SqlType => Type switch
    {
        ParameterType.Integer => "bigint",
        ParameterType.Number => "numeric",
        ParameterType.Date => "date",
        _ => "text",
    };

    /// <summary>Reads a value.</summary>
    /// <returns>The value as PostgreSQL is sent it, apart from the statement; null if the text is none of the type.</returns>
    public NpgsqlParameter? Read(string text) => Type switch
    {
        ParameterType.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            ? new NpgsqlParameter<long> { TypedValue = integer } : null,
        ParameterType.Number => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new NpgsqlParameter<decimal> { TypedValue = number } : null,
        ParameterType.Date => DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new NpgsqlParameter<DateOnly> { TypedValue = day } : null,
        _ => new NpgsqlParameter<string> { TypedValue = text },
    };

    /// <summary>What a value should be, for who gave another.</summary>
    [JsonIgnore]
    public string Expected => Type switch
    {
        ParameterType.Integer => "a whole number is expected",
        ParameterType.Number => "a number is expected",
        ParameterType.Date => "a date as 2018-01-31 is expected",
        _ => "a text is expected",
    };
}
