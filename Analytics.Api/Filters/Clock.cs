using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace Analytics.Api.Filters;

/// <summary>
/// The clock of a time zone by .NET's IANA data, as its changes of offset from UTC. PostgreSQL gets these and no name: it takes CET, EET, MET, WET and others
/// for fixed offsets, and its own data may be of another year. The changes are those from 1970 to 2100; before and after, the first and the last offset hold.
/// </summary>
internal sealed class Clock
{
    private static readonly ConcurrentDictionary<string, Clock?> Clocks = new(StringComparer.Ordinal);

    private readonly TimeZoneInfo _zone;
    private readonly DateTime[] _changes;
    private readonly TimeSpan[] _offsets;

    private Clock(TimeZoneInfo zone)
    {
        _zone = zone;
        var (changes, offsets) = (new List<DateTime>(), new List<TimeSpan> { zone.GetUtcOffset(Utc(1970)) });
        var end = Utc(2100);
        for (var day = Utc(1970); day < end;)
        {
            // Since 2038 only rules are known, and no rule changes a clock twice within a week.
            var next = day.AddDays(day.Year < 2038 ? 1 : 7);
            if (zone.GetUtcOffset(next) != offsets[^1])
            {
                changes.Add(FirstAfter(day, next, offsets[^1]));
                offsets.Add(zone.GetUtcOffset(next));
            }

            day = next;
        }

        (_changes, _offsets) = ([.. changes], [.. offsets]);
        HasWholeHours = _offsets.All(offset => offset.Ticks % TimeSpan.TicksPerHour == 0);
    }

    /// <summary>The names of the zones that this machine knows.</summary>
    public static IEnumerable<string> Names => TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id).Where(IsName);

    /// <summary>Whether the clock has always, since 1970, differed from UTC by whole hours.</summary>
    public bool HasWholeHours { get; }

    /// <summary>The instants at which the offset changes, and the offsets: the first before all changes, each next one from its change on.</summary>
    public NpgsqlParameter[] Parameters =>
    [
        new NpgsqlParameter<DateTime[]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, TypedValue = _changes },
        new NpgsqlParameter<TimeSpan[]> { TypedValue = _offsets },
    ];

    /// <summary>The zone's clock; null if there is no zone of that name. Leap seconds' and the machine's own zones are none.</summary>
    public static Clock? Of(string zone) => Clocks.TryGetValue(zone, out var known) ? known
        : IsName(zone) && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? Clocks.GetOrAdd(zone, _ => new Clock(found))
        : null;

    /// <summary>The number of changes up to an instant, as SQL, which is also the place of the last one.</summary>
    /// <param name="instant">An expression of type timestamptz.</param>
    /// <param name="changes">The parameter that <see cref="Parameters"/> puts first; the offsets follow.</param>
    public static string ChangesUpTo(string instant, int changes) => $"width_bucket({instant}, ${changes}::timestamptz[])";

    /// <summary>What the clock shows at an instant, as SQL of type timestamp.</summary>
    /// <param name="instant">An expression of type timestamptz.</param>
    /// <param name="changes">The parameter that <see cref="Parameters"/> puts first; the offsets follow.</param>
    public static string Local(string instant, int changes) =>
        $"({instant} at time zone 'UTC' + (${changes + 1}::interval[])[1 + {ChangesUpTo(instant, changes)}])";

    /// <summary>The first instant of a day, UTC: where a clock passes midnight twice the first time, and where it leaves it out the change.</summary>
    public DateTime StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified);
        if (_zone.IsAmbiguousTime(midnight))
        {
            return DateTime.SpecifyKind(midnight - _zone.GetAmbiguousTimeOffsets(midnight).Max(), DateTimeKind.Utc);
        }

        var before = DateTime.SpecifyKind(midnight, DateTimeKind.Utc).AddDays(-1);
        return _zone.IsInvalidTime(midnight)
            ? FirstAfter(before, before.AddDays(2), _zone.GetUtcOffset(before))
            : DateTime.SpecifyKind(midnight - _zone.GetUtcOffset(midnight), DateTimeKind.Utc);
    }

    /// <summary>
    /// The hours that the clock shows from an instant on: what it shows at the full hour, and when they begin, UTC. An hour that is passed twice comes twice,
    /// one that a change cuts is shorter.
    /// </summary>
    /// <param name="first">The begin of an hour.</param>
    public IEnumerable<(DateTime Local, DateTime Start)> HoursFrom(DateTime first)
    {
        var index = Array.BinarySearch(_changes, first);
        index = index < 0 ? ~index : index + 1;
        for (var start = first; ;)
        {
            var local = start + _offsets[index];
            var hour = local.AddTicks(-(local.Ticks % TimeSpan.TicksPerHour));
            yield return (hour, start);
            var next = start + (hour.AddHours(1) - local);
            if (index < _changes.Length && _changes[index] <= next)
            {
                next = _changes[index++];
            }

            start = next;
        }
    }

    private static bool IsName(string zone) => !zone.StartsWith("right/", StringComparison.Ordinal) && zone is not ("localtime" or "posixrules" or "Factory");

    // The offset is the given one before the first instant, and another at the last.
    private DateTime FirstAfter(DateTime before, DateTime after, TimeSpan offset)
    {
        while (after - before > TimeSpan.FromSeconds(1))
        {
            var middle = before + (after - before) / 2;
            (before, after) = _zone.GetUtcOffset(middle) == offset ? (middle, after) : (before, middle);
        }

        // Changes lie on whole seconds.
        return after.AddTicks(-(after.Ticks % TimeSpan.TicksPerSecond));
    }

    private static DateTime Utc(int year) => new(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
}
