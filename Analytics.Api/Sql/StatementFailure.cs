using Analytics.Api.Http;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>Why a statement has no answer, for the person who wrote it.</summary>
/// <param name="Status">The status of an answer over HTTP.</param>
/// <param name="Sentence">What is wrong.</param>
/// <param name="Place">Where in the statement; null where that can't be told.</param>
internal sealed record StatementFailure(int Status, string Sentence, StatementPosition? Place = null)
{
    /// <summary>PostgreSQL's SQLSTATE, where it is PostgreSQL that says so.</summary>
    public string? SqlState { get; init; }

    /// <summary>What PostgreSQL advises.</summary>
    public string? Hint { get; init; }

    /// <summary>All that the statement uses and may not.</summary>
    public IReadOnlyList<RefusedUse> Refused { get; init; } = [];

    /// <summary>Explains what was thrown; null if it is no matter of the statement's.</summary>
    public static StatementFailure? Of(Exception thrown, Statement statement, SqlOptions limits) => thrown switch
    {
        SqlRefusedException refused => new(
            StatusCodes.Status400BadRequest, refused.Message, refused.Position is { } index ? StatementPosition.Of(statement.Text, index) : null)
        { Refused = refused.Refused },
        StatementErrorException error => OfPostgres($"{error.Message}.", PlaceOf(error, statement), error.Refused),
        SqlLimitException limit => new(StatusCodes.Status422UnprocessableEntity, limit.Message),
        SqlUnavailableException unavailable => new(StatusCodes.Status503ServiceUnavailable, unavailable.Message),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } or NpgsqlException { InnerException: TimeoutException } => new(
            StatusCodes.Status422UnprocessableEntity, $"The statement took longer than {limits.TimeoutSeconds} seconds and was cancelled; ask for less."),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => new(
            StatusCodes.Status503ServiceUnavailable, "The views are being changed at the moment; try again."),
        PostgresException
        {
            SqlState: PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.ProgramLimitExceeded
            or PostgresErrorCodes.StatementTooComplex,
        } tooMuch => new(StatusCodes.Status422UnprocessableEntity, $"The statement needs more than it may have: {tooMuch.MessageText}."),
        PostgresException refused when !ErrorResponses.IsAway(refused.SqlState) => OfPostgres($"{refused.MessageText}.", place: null, refused),
        _ => null,
    };

    private static StatementFailure OfPostgres(string sentence, StatementPosition? place, PostgresException refused) =>
        new(StatusCodes.Status400BadRequest, sentence, place) { SqlState = refused.SqlState, Hint = refused.Hint is { Length: > 0 } hint ? hint : null };

    private static StatementPosition PlaceOf(StatementErrorException error, Statement statement)
    {
        var form = statement.Form;
        var before = StatementPosition.Characters(statement.Text.AsSpan(0, form.Start));
        var within = Math.Min(error.Character, StatementPosition.Characters(form.Query) + 1);
        return StatementPosition.OfCharacter(statement.Text, before + within);
    }

    /// <summary>The failure as problem details.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var extensions = new Dictionary<string, object?>();
        if (Place is { } place)
        {
            (extensions["position"], extensions["line"], extensions["column"]) = (place.Position, place.Line, place.Column);
        }

        if (SqlState is not null)
        {
            extensions["sqlState"] = SqlState;
        }

        if (Hint is not null)
        {
            extensions["hint"] = Hint;
        }

        if (Refused.Count > 0)
        {
            extensions["refused"] = Refused.Select(use => use.Name).ToArray();
        }

        return Problem.WriteAsync(context, Status, Sentence, extensions);
    }
}
