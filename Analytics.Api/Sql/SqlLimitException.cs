namespace Analytics.Api.Sql;

/// <summary>A statement that took, or an answer that has, more than it may.</summary>
/// <param name="reason">One sentence: which limit, and what to do.</param>
internal sealed class SqlLimitException(string reason) : Exception(reason);
