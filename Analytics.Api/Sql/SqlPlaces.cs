using Microsoft.Extensions.Options;

namespace Analytics.Api.Sql;

/// <summary>How many statements more may run at once.</summary>
internal sealed class SqlPlaces(IOptions<SqlOptions> options)
{
    private int _free = options.Value.MaxConcurrent;

    /// <summary>Takes a place if one is free, without waiting.</summary>
    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _free) >= 0)
        {
            return true;
        }

        GiveBack();
        return false;
    }

    public void GiveBack() => Interlocked.Increment(ref _free);
}
