using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Data;

/// <summary>What is right for each case, by its number.</summary>
public sealed partial class CaseTests(Cases cases) : IClassFixture<Cases>
{
    // Of case 30 the lines that have no one clear meaning, with the field that has none.
    private static readonly (string Field, int[] Lines)[] IllTypedFields =
    [
        ("certification", [3, 4, 9]),
        ("max_attempts", [13, 16]),
        ("counts.correct", [19, 20]),
        ("counts", [22, 95]),
        ("keen_timestamp", [33]),
        ("started_at", [37, 47, 48, 49, 50, 51, 55, 56, 59]),
        ("user_exam_id", [65]),
        ("keen_id", [67]),
        ("exam_name", [72, 74, 75]),
        ("sequences", [77, 78, 79]),
        ("questions", [81, 82, 83]),
        ("options", [85, 86]),
        ("options.at", [91]),
        ("options.submitted", [92]),
        ("questions.user_result", [93]),
        ("questions.user_correct", [94]),
        ("keen_id and user_exam_id", [98]),
    ];

    private static readonly SortedDictionary<int, string> IllTyped =
        new(IllTypedFields.SelectMany(field => field.Lines, (field, line) => (Line: line, field.Field)).ToDictionary(
            field => field.Line, field => field.Field));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Case_14_NaN_and_Infinity_are_named_with_line_and_byte_and_the_other_event_gets_in()
    {
        Assert.Equal(["NaN", "Infinity"],
            cases.Faults.Where(fault => fault.Contains("14-nan", StringComparison.Ordinal)).Select(fault => Number().Match(fault).Groups["what"].Value));
        Assert.Matches("line 1, byte 0: NaN at byte 374 ", cases.Faults[0]);
        Assert.Equal(["14-0002"], await KeenIdsAsync("Case 14"));
    }

    [Fact]
    public async Task Case_30_what_has_one_clear_meaning_is_taken_and_the_rest_is_refused_by_publish_and_POST_alike()
    {
        var published = cases.Faults.Where(fault => fault.Contains("30-ill", StringComparison.Ordinal)).Select(fault => Line().Match(fault))
            .ToDictionary(fault => int.Parse(fault.Groups["line"].Value), fault => fault.Groups["reason"].Value);
        Assert.Equal(IllTyped.Keys, published.Keys.Order());
        Assert.All(IllTyped, field => Assert.StartsWith($"{field.Value} ", published[field.Key], StringComparison.Ordinal));

        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Cases.File("30-ill-typed-fields.ndjson"), Cancel));
        content.Headers.ContentType = new("application/x-ndjson");
        using var response = await cases.Api.Client.PostAsync("/api/events", content, Cancel);
        var receipt = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal(98 - IllTyped.Count, (int)receipt["accepted"]!);
        Assert.Equal(published.OrderBy(fault => fault.Key).Select(fault => $"{fault.Key}: {fault.Value}"),
            receipt["rejected"]!.AsArray().Select(fault => $"{fault!["line"]}: {fault["reason"]}"));

        Assert.Equal(98 - IllTyped.Count, await cases.Database.ScalarAsync<long>("select count(*) from events where keen_id like '30-%' or keen_id = '5'"));
        Assert.Equal(["30-0051||", "30-0060|17|", "30-0067||42", "30-0068||"], await cases.Database.RowsAsync("""
            select keen_id, nullif(user_exam_id, case when length(user_exam_id) > 2 then user_exam_id end), coalesce(user_id, case when keen_id = '30-0051' then started_at::text end)
            from attempts where keen_id in ('30-0051', '30-0060', '30-0067', '30-0068') order by keen_id
            """));
    }

    [Fact]
    public async Task Case_31_milliseconds_are_taken_as_milliseconds() => Assert.Equal(
        ["10|2018-01-23 14:24:02.735+00"],
        await cases.Database.RowsAsync("select count(*), min(created_at at time zone 'UTC')::text || '+00' from attempts where keen_id like '31-%' and "
            + "version between 15167174427350000 and 15167174427440000"));

    [Fact]
    public async Task Case_32_a_time_without_seconds_is_taken() => Assert.Equal(
        ["14:23", "13:23", "14:23"],
        await cases.Database.RowsAsync("select to_char(started_at at time zone 'UTC', 'HH24:MI') from attempts where keen_id like '32-%' order by keen_id"));

    [Fact]
    public async Task Case_33_numbers_are_taken_as_ids()
    {
        Assert.Equal(["1000", "1001", "1002"], await cases.Database.RowsAsync("select user_id from activity.attempts where course = 'Case 33' order by 1"));
        Assert.Equal(1, (int)(await cases.Api.GetAsync("/api/students/1001"))["attempts"]!);
    }

    [Fact]
    public async Task Case_43_a_key_that_is_no_attempt_is_ingested() => Assert.Equal(["43-0000"], await KeenIdsAsync("Case 43"));

    [Fact]
    public async Task Case_52_what_Kafka_Connect_wraps_is_ingested() => Assert.Equal(["52-0000"], await KeenIdsAsync("Case 52"));

    [Fact]
    public async Task Cases_55_56_and_57_other_formats_are_dead_letters_that_say_what_they_are()
    {
        var reasons = (await SummaryAsync())["deadLetterReasons"]!.AsArray().Select(group => (string)group!["reason"]!).ToList();

        Assert.All((string[])["an xAPI statement", "a Caliper envelope", "a line of an edX tracking log"], format =>
            Assert.Contains(reasons, reason => reason.StartsWith($"This is {format}, not an event", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Case_60_of_three_attempts_with_one_keen_id_one_counts_and_two_are_dead_letters()
    {
        Assert.Equal(["152943db-4916-5cbd-b476-1916b7ef2b41"], await cases.Database.RowsAsync("select user_exam_id from attempts where keen_id = '60-0000'"));
        Assert.Equal((1, 1), ((int)(await CourseAsync("case-60"))["attempts"]!, (int)(await CourseAsync("case-60"))["messages"]!));
        Assert.Contains((await SummaryAsync())["deadLetterReasons"]!.AsArray(), group =>
            (string)group!["reason"]! == "The keen_id belongs to an event of another attempt: … is of the attempt …." && (int)group["count"]! == 2);
        Assert.Equal(
            ["64b2b4c0-1101-5cf6-aa8b-d47c3aa51b28|1", "8ba5e7e3-b936-55f2-93d5-f8c7611367a8|2"],
            await cases.Database.RowsAsync("select convert_from(value, 'UTF8')::json ->> 'user_exam_id', source_line from dead_letters where reason like "
                + "'The keen_id belongs%' order by 1"));
    }

    [Fact]
    public async Task Case_70_names_are_inert_on_the_report_in_Markdown_and_in_CSV_for_spreadsheets()
    {
        var page = await TextAsync("/report");
        Assert.All((string[])["<script>alert", "<img src=x", "</title><b>", "</svg><script>", "javascript:alert(1)\""], markup =>
            Assert.DoesNotContain(markup, page, StringComparison.Ordinal));
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("&amp;lt;b&amp;gt; &amp;amp;", page, StringComparison.Ordinal);

        var text = await TextAsync("/report.md");
        Assert.All(
            (string[])["| =1+1 |", "| pipe \\| in name |", "| line break |", "| \\`code\\` \\*bold\\* \\_it\\_ \\~\\~x\\~\\~ |",
            "| \\[link\\](javascript:alert(1)) |", "\\<script\\>"], cell =>
            Assert.Contains(cell, text, StringComparison.Ordinal));
        Assert.DoesNotMatch(@"(?<!\\)<script", text);

        var sheet = await TextAsync("/api/courses?format=csv&for=excel");
        Assert.DoesNotMatch("(?m)(^|,)\"?[=+@-][^,0-9.]", sheet);
        Assert.Contains("'=cmd|' /C calc'!A0", sheet, StringComparison.Ordinal);
        Assert.Contains("'@SUM(A1)", sheet, StringComparison.Ordinal);
        Assert.Equal(24, await cases.Database.ScalarAsync<long>("select count(*) from activity.exams where base_exam_id like 'x%<b>|\"'"));
    }

    [Fact]
    public async Task Case_72c_a_name_of_4000_characters_is_refused_with_field_length_and_limit()
    {
        Assert.Contains(cases.Faults, fault => fault.Contains("72c", StringComparison.Ordinal)
            && fault.EndsWith("exam_name at byte 242 has 4009 characters; at most 500 are allowed.", StringComparison.Ordinal));
        Assert.Equal(["72c-0001"], await KeenIdsAsync("Case 72c"));
    }

    [Fact]
    public async Task Case_74_a_huge_count_is_kept_and_told_and_every_answer_stays_right()
    {
        var course = await CourseAsync("case-74");

        Assert.Equal((1, 1, null), ((int)course["attempts"]!, (int)course["implausibleCounts"]!, (double?)course["meanScore"]));
        Assert.Equal(21474837, (int)(await cases.Api.GetAsync("/api/attempts/853bdfa6-bed6-5d3a-9b88-eabc4083a4ee"))["implausibleCounts"]!["correct"]!);
        Assert.InRange((double)(await SummaryAsync())["meanScore"]!, 40, 60);
    }

    [Theory]
    [InlineData("case-80")]
    [InlineData("case-83")]
    public async Task Cases_80_and_83_a_start_that_can_not_be_is_kept_and_counted_apart_in_every_zone(string slug)
    {
        Assert.Equal((1, 1), ((int)(await CourseAsync(slug))["attempts"]!, (int)(await CourseAsync(slug))["implausibleStarts"]!));
        foreach (var zone in (string[])["UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kolkata"])
        {
            var hours = await cases.Api.GetAsync($"/api/attempts/by/hour?course={slug}&tz={zone}");
            Assert.Equal((0, 1), (hours["periods"]!.AsArray().Count, (int)hours["implausibleStarts"]!));
            Assert.Equal("2018", ((string)(await cases.Api.GetAsync($"/api/attempts/by/month?tz={zone}"))["periods"]![0]!["period"]!)[..4]);
        }

        var report = await TextAsync("/report.md");
        Assert.DoesNotContain("Jan 1970", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Jan 0001", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case_84_a_stray_blank_makes_no_second_course_and_takes_no_address()
    {
        var course = await CourseAsync("learning-git");

        Assert.Equal(("Learning Git", 2), ((string)course["name"]!, (int)course["attempts"]!));
        Assert.Equal(1, await cases.Database.ScalarAsync<long>("select count(*) from courses where name ilike '%learning%git%'"));
    }

    [Fact]
    public async Task Case_85_an_accent_of_two_code_points_is_the_same_course_as_one()
    {
        var course = await CourseAsync("case-85-r%C3%A9sum%C3%A9");

        Assert.Equal(("Case 85 R\u00E9sum\u00E9", 2), ((string)course["name"]!, (int)course["attempts"]!));
    }

    [Fact]
    public async Task Case_86_after_a_correction_the_old_option_is_no_longer_correct() => Assert.Equal(
        ["a|True", "b|False"],
        await cases.Database.RowsAsync("select option_id, is_correct from activity.options where base_exam_id = 'exam-86' order by 1"));

    [Theory]
    [InlineData("CET", 10)]
    [InlineData("MET", 10)]
    [InlineData("EET", 11)]
    [InlineData("WET", 9)]
    public async Task Case_89_in_July_the_zone_has_summer_time(string zone, int hour)
    {
        var periods = (await cases.Api.GetAsync($"/api/attempts/by/hour?course=case-89&tz={zone}&count=attempts"))["periods"]!.AsArray();

        Assert.Equal(
            [$"2018-07-01T{hour:d2}: 2", $"2018-07-01T{hour + 1:d2}: 1"],
            periods.Select(period => $"{((string)period!["period"]!)[..13]}: {period["count"]}"));
    }

    private async Task<JsonNode> CourseAsync(string slug) => await cases.Api.GetAsync($"/api/courses/{slug}");

    private Task<JsonNode> SummaryAsync() => cases.Api.GetAsync("/api/summary");

    private Task<List<string>> KeenIdsAsync(string course) =>
        cases.Database.RowsAsync($"select keen_id from activity.attempts where course = '{course}' order by 1");

    private async Task<string> TextAsync(string path)
    {
        using var response = await cases.Api.Client.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    [GeneratedRegex(@"byte \d+: (?<what>NaN|Infinity) at byte")]
    private static partial Regex Number();

    [GeneratedRegex(@": line (?<line>\d+), byte \d+: (?<reason>.*)$")]
    private static partial Regex Line();
}
