namespace Analytics.Api.Attempts;

/// <summary>A range of days on the calendar of a time zone, as the parameters <c>tz</c>, <c>from</c> and <c>to</c> give it.</summary>
internal static class Days
{
    private static readonly DateOnly First = new(1970, 1, 1);
    private static readonly DateOnly Last = new(2999, 12, 31);

    /// <summary>What is wrong with a range, in one sentence; null if nothing is.</summary>
    public static string? Complaint(string zone, DateOnly? from, DateOnly? to) =>
        !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? $"There is no time zone \"{zone}\"; IANA names are known, as Europe/Berlin."
        : from > to ? "The parameter from is a day after to."
        : from < First || to < First || from > Last || to > Last ? $"The parameters from and to are days from {First:O} to {Last:O}."
        : null;
}
