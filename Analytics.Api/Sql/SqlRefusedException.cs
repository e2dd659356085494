namespace Analytics.Api.Sql;

/// <summary>A statement that is not run.</summary>
/// <param name="reason">One sentence for the person who wrote it.</param>
/// <param name="position">The index of the character that it is about.</param>
internal sealed class SqlRefusedException(string reason, int position) : Exception(reason)
{
    public int Position => position;
}
