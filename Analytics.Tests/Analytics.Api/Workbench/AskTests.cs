using System.Net;
using System.Text.RegularExpressions;
using Analytics.Tests.Analytics.Api.Sql;

namespace Analytics.Tests.Analytics.Api.Workbench;

public sealed class AskTests(SqlApi sql) : IClassFixture<SqlApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_has_the_schema_the_examples_and_a_place_for_a_statement()
    {
        var (status, page) = await AskAsync("/ask");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("<code>duration_seconds</code>", page, StringComparison.Ordinal);
        Assert.Contains("How many people took Learning Git?", page, StringComparison.Ordinal);
        Assert.Contains("<textarea name=\"sql\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_a_table_and_a_chart_and_can_be_downloaded_in_every_shape()
    {
        var (status, page) = await AskAsync($"/ask?sql={Uri.EscapeDataString("select course, attempts from courses where attempts > 0 order by course")}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["Café & C#", "1", "Learning Git", "5", "Once", "1"], Cells(page));
        Assert.Contains("attempts by course", page, StringComparison.Ordinal);
        var downloads = Regex.Matches(page, "href=\"(/api/sql[^\"]*)\"").Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToArray();
        Assert.Equal(8, downloads.Length);
        foreach (var address in downloads)
        {
            using var response = await sql.Api.Client.GetAsync(address, Cancel);
            Assert.True(response.IsSuccessStatusCode, address);
        }
    }

    [Theory]
    [InlineData("select course,\n  attempt from courses", "Line 2, column 3", "<mark>attempt</mark>")]
    [InlineData("select pg_sleep(1)", "Line 1, column 8", "<mark>pg_sleep</mark>")]
    [InlineData("select 1 +", "Line 1, column 11", "<mark> </mark>")]
    [InlineData("drop table courses", "Line 1, column 1", "<mark>drop</mark>")]
    [InlineData("select '<b>' || 1 / 0", "No answer", "division by zero")]
    public async Task What_is_wrong_is_said_at_its_place_in_the_statement(string statement, string place, string marked)
    {
        var (status, page) = await AskAsync($"/ask?sql={Uri.EscapeDataString(statement)}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(place, page, StringComparison.Ordinal);
        Assert.Contains(marked, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_rows_the_first_are_shown_and_all_can_be_downloaded()
    {
        var (_, page) = await AskAsync("/ask?sql=select+n+from+generate_series(1,300000)+g(n)");

        Assert.Contains("The first 1,000 rows", page, StringComparison.Ordinal);
        Assert.Equal(1_000, Cells(page).Length);
    }

    [Fact]
    public async Task Values_are_text_whatever_they_hold()
    {
        var (_, page) = await AskAsync($"/ask?sql={Uri.EscapeDataString("select '<script>alert(1)</script>' as \"<i>\", 1 as n union all select 'b', 2")}");

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chart_has_the_columns_that_were_chosen()
    {
        var statement = Uri.EscapeDataString("select course, attempts, messages from courses");

        var (_, page) = await AskAsync($"/ask?sql={statement}&x=attempts&y=messages");

        Assert.Contains("messages by attempts", page, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Count(page, "<circle "));
    }

    private async Task<(HttpStatusCode Status, string Page)> AskAsync(string path)
    {
        using var response = await sql.Api.Client.GetAsync(path, Cancel);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl?.NoStore);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static string[] Cells(string page) =>
        [.. Regex.Matches(page[page.IndexOf("class=\"result\"", StringComparison.Ordinal)..], "<td[^>]*>(.*?)</td>").Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];
}
