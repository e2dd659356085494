namespace Analytics.Api.Database;

/// <summary>
/// What figures are made of, as <see cref="ActivityDatabase.SourceHeader"/> tells: what is made of rows takes longer the more attempts there are.
/// </summary>
internal enum Source
{
    /// <summary>What ingest keeps.</summary>
    Rollups,

    /// <summary>The attempts, when they are asked for.</summary>
    Rows,
}
