namespace Analytics.Api.Sql;

/// <summary>Nobody can be answered by SQL at the moment.</summary>
/// <param name="reason">One sentence: what is missing, and who can do what about it.</param>
internal sealed class SqlUnavailableException(string reason) : Exception(reason);
