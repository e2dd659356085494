using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;

namespace Analytics.Tests.Analytics.Api;

/// <summary>Time zones: every one by .NET's data, whatever PostgreSQL takes its name for.</summary>
public sealed class ClockTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_zone_that_PostgreSQL_knows_shows_summer_and_winter_as_dotNET_has_them()
    {
        var database = await world.CreateDatabaseAsync();
        DateTimeOffset[] starts = [new(2018, 1, 15, 12, 15, 0, TimeSpan.Zero), new(2018, 7, 15, 12, 15, 0, TimeSpan.Zero)];
        await using var api = await ApiAsync(database, starts);
        var names = await NamesAsync(database);

        var told = 0;
        foreach (var name in names)
        {
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            {
                continue;
            }

            foreach (var start in starts)
            {
                var (local, day) =
                    (TimeZoneInfo.ConvertTime(start, zone), TimeZoneInfo.ConvertTime(start, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                var series = await api.GetAsync($"/api/attempts/by/hour?tz={Uri.EscapeDataString(name)}&from={day}&to={day}");
                var hour = Assert.Single(series["periods"]!.AsArray(), period => (long)period!["count"]! > 0)!;
                Assert.True(
                    local.ToString("yyyy-MM-dd'T'HH':00'", CultureInfo.InvariantCulture) == (string)hour["period"]!,
                    $"{name} shows {local:u}, and the API says {hour["period"]}.");
            }

            told++;
        }

        Assert.True(told > 400, $"Only {told} of {names.Count} zones are known to both.");
    }

    [Fact]
    public async Task An_hour_is_labelled_as_the_clock_shows_it()
    {
        (string Zone, string Start, string Label, string Begin)[] cases =
        [
            ("CET", "2018-07-01T08:30Z", "2018-07-01T10:00", "2018-07-01T08:00Z"),
            ("EET", "2018-07-01T08:30Z", "2018-07-01T11:00", "2018-07-01T08:00Z"),
            ("WET", "2018-07-01T08:30Z", "2018-07-01T09:00", "2018-07-01T08:00Z"),
            ("MET", "2018-07-01T08:30Z", "2018-07-01T10:00", "2018-07-01T08:00Z"),
            // Lord Howe's clock goes back from 02:00 to 01:30 on 1 April 2018, and on from 02:00 to 02:30 on 7 October.
            ("Australia/Lord_Howe", "2018-03-31T14:45Z", "2018-04-01T01:00", "2018-03-31T14:00Z"),
            ("Australia/Lord_Howe", "2018-03-31T15:15Z", "2018-04-01T01:00", "2018-03-31T15:00Z"),
            ("Australia/Lord_Howe", "2018-03-31T15:45Z", "2018-04-01T02:00", "2018-03-31T15:30Z"),
            ("Australia/Lord_Howe", "2018-10-06T15:15Z", "2018-10-07T01:00", "2018-10-06T14:30Z"),
            ("Australia/Lord_Howe", "2018-10-06T15:45Z", "2018-10-07T02:00", "2018-10-06T15:30Z"),
            // Chatham's goes back from 03:45 to 02:45 on 1 April 2018, and on from 02:45 to 03:45 on 30 September.
            ("Pacific/Chatham", "2018-03-31T13:45Z", "2018-04-01T03:00", "2018-03-31T13:15Z"),
            ("Pacific/Chatham", "2018-03-31T14:00Z", "2018-04-01T02:00", "2018-03-31T14:00Z"),
            ("Pacific/Chatham", "2018-03-31T14:15Z", "2018-04-01T03:00", "2018-03-31T14:15Z"),
            ("Pacific/Chatham", "2018-09-29T13:45Z", "2018-09-30T02:00", "2018-09-29T13:15Z"),
            ("Pacific/Chatham", "2018-09-29T14:00Z", "2018-09-30T03:00", "2018-09-29T14:00Z"),
        ];
        await using var api = await ApiAsync(await world.CreateDatabaseAsync(), [.. cases.Select(one => (DateTimeOffset[])[At(one.Start)])]);

        for (var i = 0; i < cases.Length; i++)
        {
            var (zone, _, label, begin) = cases[i];
            var alone = await api.GetAsync($"/api/attempts/by/hour?course=c{i}&tz={zone}");
            var among = await api.GetAsync($"/api/attempts/by/hour?course=c{i}&tz={zone}&from=2018-03-31&to=2018-10-08");

            Check(Assert.Single(alone["periods"]!.AsArray())!);
            Check(Assert.Single(among["periods"]!.AsArray(), period => (long)period!["count"]! > 0)!);

            void Check(JsonNode hour) => Assert.Equal((zone, label, At(begin)), (zone, (string)hour["period"]!, (DateTimeOffset)hour["start"]!));
        }
    }

    // Of São Paulo on 4 November 2018 midnight was left out; Havana had the one of 4 November 2018 twice.
    [Fact]
    public async Task A_day_begins_with_its_first_instant()
    {
        (string Zone, string First, string Before)[] cases =
        [
            ("America/Sao_Paulo", "2018-11-04T03:00Z", "2018-11-04T02:45Z"),
            ("America/Havana", "2018-11-04T04:00Z", "2018-11-04T03:45Z"),
        ];
        await using var api = await ApiAsync(await world.CreateDatabaseAsync(), [.. cases.Select(one => (DateTimeOffset[])[At(one.First), At(one.Before)])]);

        for (var i = 0; i < cases.Length; i++)
        {
            var (zone, first, _) = cases[i];
            var days = (await api.GetAsync($"/api/attempts/by/day?course=c{i}&tz={zone}&from=2018-11-04&to=2018-11-04"))["periods"]!.AsArray();
            var attempts = (await api.GetAsync($"/api/attempts?course=c{i}&tz={zone}&from=2018-11-04"))["attempts"]!.AsArray();

            Assert.Equal(1, (long)Assert.Single(days)!["count"]!);
            Assert.Equal(At(first), (DateTimeOffset)days[0]!["start"]!);
            Assert.Equal(At(first), (DateTimeOffset)Assert.Single(attempts)!["startedAt"]!);
        }
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    /// <summary>The API over courses c0, c1 and so on, with an attempt at each of their starts.</summary>
    private static async Task<ApiServer> ApiAsync(string database, params DateTimeOffset[][] courses)
    {
        var api = new ApiServer(database);
        for (var course = 0; course < courses.Length; course++)
        {
            var exam = course + 1;
            await api.ExecuteAsync($"""
                insert into courses (name, slug) values ('C{course}', 'c{course}');
                insert into exams (course_id, base_exam_id) values ({exam}, 'e{course}')
                """);
            foreach (var start in courses[course])
            {
                var text = start.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
                await api.ExecuteAsync($"""
                    insert into attempts (user_exam_id, keen_id, version, exam_id, started_at, certification)
                      values ('{course} {text}', '{course} {text}', 1, {exam}, '{text}', false);
                    insert into start_days as old (exam_id, day, quarters, messages, attempts)
                      select id, (time at time zone 'UTC')::date, array[extract(epoch from time)::bigint % 86400 / 900], array[1], array[1]
                      from (values ({exam}, timestamptz '{text}'), (0, date_trunc('hour', timestamptz '{text}', 'UTC'))) start (id, time)
                    on conflict (exam_id, day) do update set
                      quarters = old.quarters || excluded.quarters, messages = old.messages || array[1], attempts = old.attempts || array[1]
                    """);
            }
        }

        return api;
    }

    private static async Task<List<string>> NamesAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command =
            source.CreateCommand("select name from pg_timezone_names where name !~ '^(posix|right)/|^(localtime|posixrules|Factory)$' order by name");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var names = new List<string>();
        while (await reader.ReadAsync(Cancel))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
