using System.Net;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Analytics.Tests.Analytics.Api;

public sealed class ShapeTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_comes_as_CSV_with_null_as_nothing()
    {
        var csv = await world.Api.Client.GetStringAsync("/api/courses?format=csv&sort=name&name=e", Cancel);

        Assert.Equal(
            "name,slug,messages,redeliveries,attempts,students,exams,certifications,meanScore,meanScorePerMessage,passRate,meanQuestions,completionRate,meanUnanswered,meanIncomplete,repeatTakers,meanScoreReason,passRateReason,completionReason,repeatTakersReason,implausibleCounts,implausibleStarts\r\n" +
            "Learning Git,learning-git,7,2,5,3,2,1,58.75,72.5,40,5,33.333333333333336,1.6666666666666667,0.6666666666666666,1,,,,,0,0\r\n" +
            "Moved,moved,1,0,0,0,1,0,,100,,,,,,,Nothing here states how many questions it had and how many were answered correctly.,There are no "
                + "attempts.,\"Nothing here states how many questions it had, left incomplete and left unanswered.\",No attempt here names its user.,0,0\r\n" +
            "Once,once,2,0,1,1,1,0,33.333333333333336,50,0,3,100,0,0,0,,,,,0,0\r\n",
            csv);
    }

    [Fact]
    public async Task A_table_comes_as_Markdown_with_numbers_to_the_right()
    {
        var markdown = await world.Api.Client.GetStringAsync("/api/attempts/by/weekday?format=md", Cancel);

        Assert.StartsWith("| period | start | count |\n| --- | --- | ---: |\n| Monday |  | 1 |\n", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_comes_as_a_page_that_names_hold_no_markup_of()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync("""
            insert into courses (name, slug) values ('<script>alert("x")</script> | a, b', 'x'); insert into exams (course_id, base_exam_id) values (1, '');
            insert into exam_totals (exam_id, messages, attempts) values (1, 1, 1);
            """);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/courses");
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        using var response = await api.Client.SendAsync(request, Cancel);
        var html = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("\"<script>alert(\"\"x\"\")</script> | a, b\",x,1", await api.Client.GetStringAsync("/api/courses?format=csv", Cancel),
            StringComparison.Ordinal);
        Assert.Contains(@"\</script\> \| a, b |", await api.Client.GetStringAsync("/api/courses?format=md", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_comes_as_Arrow_with_types_times_and_nulls()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/exams");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.apache.arrow.stream");
        using var response = await world.Api.Client.SendAsync(request, Cancel);
        using var reader = new ArrowStreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        using var batch = await reader.ReadNextRecordBatchAsync(Cancel);

        Assert.Equal("application/vnd.apache.arrow.stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(5, batch.Length);
        Assert.Equal("git-a", ((StringArray)batch.Column("baseExamId")).GetString(0));
        Assert.Equal(5, ((Int64Array)batch.Column("messages")).GetValue(0));
        Assert.Equal(72, ((DoubleArray)batch.Column("meanScorePerMessage")).GetValue(0));
        Assert.Null(((DoubleArray)batch.Column("meanScore")).GetValue(3));
        Assert.Equal(DateTimeOffset.Parse("2017-12-31T23:59:59.5Z"), ((TimestampArray)batch.Column("firstStart")).GetTimestamp(1));
        Assert.Null(((TimestampArray)batch.Column("firstStart")).GetTimestamp(4));
        Assert.Null(await reader.ReadNextRecordBatchAsync(Cancel));
    }

    [Theory]
    [InlineData("/api/courses/learning-git/questions")]
    [InlineData("/api/scores")]
    [InlineData("/api/dead-letters")]
    [InlineData("/api/attempts/by/day")]
    [InlineData("/api/summary")]
    [InlineData("/api/courses/learning-git")]
    [InlineData("/api/attempts/durations")]
    [InlineData("/api/schema")]
    public async Task Every_table_comes_in_every_shape(string path)
    {
        foreach (var format in (string[])["json", "csv", "md", "html", "arrow", "parquet"])
        {
            using var response = await world.Api.Client.GetAsync($"{path}?format={format}", Cancel);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync(Cancel));
            Assert.Contains("Accept", response.Headers.Vary);
            Assert.Contains($"-{format}", response.Headers.ETag!.Tag, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("*/*", "application/json")]
    [InlineData("text/*", "text/csv")]
    [InlineData("text/csv;q=0.5, text/markdown", "text/markdown")]
    [InlineData("image/png, text/html;q=0.1", "text/html")]
    public async Task The_shape_is_what_the_reader_accepts(string accept, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/courses");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await world.Api.Client.SendAsync(request, Cancel);

        Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_shape_that_nobody_makes_is_refused()
    {
        Assert.Contains("json, csv, ndjson, md, html, arrow, parquet", await world.Api.RefusedAsync("/api/courses?format=xlsx", HttpStatusCode.BadRequest),
            StringComparison.Ordinal);
        Assert.Contains("unknown", await world.Api.RefusedAsync("/api/dead-letters/1?format=csv", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/courses");
        request.Headers.TryAddWithoutValidation("Accept", "image/png");
        using var response = await world.Api.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    // The case 70-hostile-names, and ids of a database's own.
    private static readonly string[] HostileNames =
    [
        "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
        "\"quoted\", with comma", "pipe | in name", "line\nbreak", "`code` *bold* _it_ ~~x~~", "[link](javascript:alert(1))", "![i](http://x/y.png)",
        "&lt;b&gt; &amp;", @"\ backslash \|", "-5", "user_exam_id",
    ];

    [Fact]
    public async Task CSV_for_a_spreadsheet_has_a_mark_and_no_live_formula_and_the_plain_form_stays_exact()
    {
        await using var api = await HostileAsync();

        var bytes = await api.Client.GetByteArrayAsync("/api/courses?format=csv&for=excel&sort=slug", Cancel);
        var plain = await api.Client.GetByteArrayAsync("/api/courses?format=csv&sort=slug", Cancel);
        var (made, exact) = (Cells(bytes), Cells(plain));

        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        Assert.NotEqual(0xEF, plain[0]);
        Assert.Equal(HostileNames, exact.Select(row => row[0]));
        Assert.Equal(["'=cmd|' /C calc'!A0", "'+1+1", "'-2+3", "'@SUM(A1)", "'\t=1+1", "'\r=1+1", .. HostileNames[6..]], made.Select(row => row[0]));
        Assert.Equal(exact.Select(row => row[2..]), made.Select(row => row[2..])); // Numbers.
    }

    [Theory]
    [InlineData("/api/courses?for=excel")]
    [InlineData("/api/courses?format=md&for=excel")]
    [InlineData("/api/courses?format=csv&for=calc")]
    public async Task CSV_for_what_is_unknown_is_refused(string path)
    {
        Assert.Contains("format=csv", await world.Api.RefusedAsync(path, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_no_markup_in_Markdown_nor_on_the_report()
    {
        await using var api = await HostileAsync();

        foreach (
            var text in (string[])[await api.Client.GetStringAsync("/api/courses?format=md&sort=slug", Cancel),
            await api.Client.GetStringAsync("/report.md", Cancel)])
        {
            Assert.Contains(@"\<script\>alert(1)\</script\>", text, StringComparison.Ordinal);
            Assert.Contains(@"\<img src=x onerror=alert(1)\>", text, StringComparison.Ordinal);
            Assert.Contains(@"pipe \| in name", text, StringComparison.Ordinal);
            Assert.Contains("line break", text, StringComparison.Ordinal);
            Assert.Contains(@"\`code\` \*bold\* \_it\_ \~\~x\~\~", text, StringComparison.Ordinal);
            Assert.Contains(@"\[link\](javascript:alert(1))", text, StringComparison.Ordinal);
            Assert.Contains(@"!\[i\](http://x/y.png)", text, StringComparison.Ordinal);
            Assert.Contains(@"\&lt;b\&gt; \&amp;", text, StringComparison.Ordinal);
            Assert.Contains(@"\\ backslash \\\|", text, StringComparison.Ordinal);
            Assert.Contains("user_exam_id", text, StringComparison.Ordinal);
        }

        var page = await api.Client.GetStringAsync("/report", Cancel);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
    }

    private async Task<ApiServer> HostileAsync()
    {
        var api = new ApiServer(await world.CreateDatabaseAsync());
        foreach (var (index, name) in HostileNames.Index())
        {
            await api.ExecuteAsync($"""
                insert into courses (name, slug) values ('{name.Replace("'", "''", StringComparison.Ordinal)}', 's{index:00}');
                insert into exams (course_id, base_exam_id) values ({index + 1}, '');
                insert into exam_totals (exam_id, messages, attempts, unnamed_attempts) values ({index + 1}, 1, 1, 1)
                """);
        }

        return api;
    }

    // By RFC 4180, without the header.
    private static List<string[]> Cells(byte[] csv)
    {
        var text = System.Text.Encoding.UTF8.GetString(csv).TrimStart('\uFEFF');
        var (rows, row, cell, quoted) = (new List<string[]>(), new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                if (quoted && i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append(text[i++]);
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (!quoted && (text[i] == ',' || text[i] == '\n'))
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (text[i] == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else if (quoted || text[i] != '\r')
            {
                cell.Append(text[i]);
            }
        }

        return rows[1..];
    }
}
