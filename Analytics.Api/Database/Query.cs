using Npgsql;

namespace Analytics.Api.Database;

/// <summary>Statements that share their parameters, to be asked together with those of other queries over one snapshot of the data.</summary>
internal record Query(string[] Statements, NpgsqlParameter[] Parameters)
{
    /// <summary>What its figures are made of; null if it has no figures.</summary>
    public Source? Source { get; init; }
}

/// <summary>A query that knows what becomes of its results.</summary>
/// <param name="Statements">The statements.</param>
/// <param name="Parameters">The parameters of each of them.</param>
/// <param name="ReadAsync">Reads the results of these statements, from before the first row of the first one, and goes on to the next query's.</param>
internal sealed record Query<T>(string[] Statements, NpgsqlParameter[] Parameters, Func<NpgsqlDataReader, CancellationToken, Task<T>> ReadAsync)
    : Query(Statements, Parameters);
