using System.Net;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Analytics.Api.Workbench;

public sealed class SavedQueryTests(SavedQueryTests.Folder world) : IClassFixture<SavedQueryTests.Folder>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_are_listed_with_their_titles_and_parameters()
    {
        var queries = (await world.Api.GetAsync("/api/queries"))["queries"]!.AsArray();

        Assert.Equal(["bad", "of-course", "plain", "typed"], queries.Select(query => (string)query!["name"]!).Order());
        var query = queries.Single(one => (string)one!["name"]! == "of-course")!;
        Assert.Equal("Attempts of a course", (string)query["title"]!);
        Assert.Equal("""[{"name":"course","type":"text","default":null,"description":"its slug"}]""", query["parameters"]!.ToJsonString());
        Assert.Contains("Line 1: a parameter is written as", (string)queries.Single(one => (string)one!["name"]! == "bad")!["complaint"]!,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("of-course?course=learning-git", "user_exam_id\r\na1\r\na2\r\na3\r\na4\r\na5\r\n")]
    [InlineData("of-course?course='%20or%20true%20--", "user_exam_id\r\n")]
    [InlineData("of-course?course=:course", "user_exam_id\r\n")]
    [InlineData("typed?day=2018-01-02&share=0.5", "whole,half,day,word,slice\r\n7,3.5,2018-01-02,x,\"{2,3}\"\r\n")]
    [InlineData("typed?day=2018-01-02&share=1&n=4&word=:n", "whole,half,day,word,slice\r\n4,4,2018-01-02,:n,\"{2,3}\"\r\n")]
    public async Task Parameters_are_values_of_their_types_and_never_text_of_the_statement(string query, string expected) =>
        Assert.Equal(expected, await world.Api.Client.GetStringAsync(query.Contains('?') ? $"/api/queries/{query}&format=csv" : query, Cancel));

    [Theory]
    [InlineData("nothing", HttpStatusCode.NotFound, "There is no saved query")]
    [InlineData("..%2Fplain", HttpStatusCode.NotFound, "There is no saved query")]
    [InlineData("of-course", HttpStatusCode.BadRequest, "needs the parameter course")]
    [InlineData("of-course?course=", HttpStatusCode.BadRequest, "is empty")]
    [InlineData("of-course?course=a&course=b", HttpStatusCode.BadRequest, "given 2 times")]
    [InlineData("of-course?kurs=a", HttpStatusCode.BadRequest, "known are course, format, for")]
    [InlineData("typed?day=yesterday&share=1", HttpStatusCode.BadRequest, "a date as 2018-01-31 is expected")]
    [InlineData("typed?day=2018-01-02&share=1&n=1.5", HttpStatusCode.BadRequest, "a whole number is expected")]
    [InlineData("typed?day=2018-01-02&share=0&n=1", HttpStatusCode.BadRequest, "division by zero")]
    [InlineData("bad", HttpStatusCode.BadRequest, "is not run")]
    public async Task What_can_not_be_run_says_why(string query, HttpStatusCode status, string part) =>
        Assert.Contains(part, await world.Api.RefusedAsync($"/api/queries/{query}", status), StringComparison.Ordinal);

    [Fact]
    public async Task A_fault_after_a_parameter_is_told_at_its_place_in_the_file()
    {
        await File.WriteAllTextAsync(Path.Combine(world.Path, "faulty.sql"), "-- parameter: a text = x\nselect :a, :a,\n  nothing", Cancel);
        try
        {
            using var response = await world.Api.Client.GetAsync("/api/queries/faulty", Cancel);
            var problem = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;

            Assert.Equal((3, 3), ((int)problem["line"]!, (int)problem["column"]!));
        }
        finally
        {
            File.Delete(Path.Combine(world.Path, "faulty.sql"));
        }
    }

    [Fact]
    public async Task A_value_that_makes_much_of_little_is_bounded_as_one_that_is_written_out()
    {
        await File.WriteAllTextAsync(Path.Combine(world.Path, "large.sql"), "-- parameter: n integer\nselect length(repeat('x', :n::int))", Cancel);
        await File.WriteAllTextAsync(Path.Combine(world.Path, "least.sql"), "-- parameter: n integer\nselect length(repeat('x', least(:n::int, 1000))) as n",
            Cancel);
        try
        {
            Assert.Contains("repeat takes a number of at most 1000", await world.Api.RefusedAsync("/api/queries/large?n=1000000000", HttpStatusCode.BadRequest),
                StringComparison.Ordinal);
            Assert.Equal("n\r\n1000\r\n", await world.Api.Client.GetStringAsync("/api/queries/least?n=1000000000&format=csv", Cancel));
        }
        finally
        {
            File.Delete(Path.Combine(world.Path, "large.sql"));
            File.Delete(Path.Combine(world.Path, "least.sql"));
        }
    }

    [Fact]
    public async Task A_page_has_a_field_for_each_parameter_and_the_answer()
    {
        var empty = await world.Api.Client.GetStringAsync("/ask/of-course", Cancel);
        var filled = await world.Api.Client.GetStringAsync("/ask/of-course?course=learning-git", Cancel);

        Assert.Contains("<input name=\"course\" value=\"\"", empty, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"failure\"", empty, StringComparison.Ordinal);
        Assert.Contains("<td>a1</td>", filled, StringComparison.Ordinal);
        Assert.Contains("href=\"/api/queries/of-course?course=learning-git&amp;format=parquet\"", filled, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_shows_those_that_say_so_and_a_new_file_makes_it_anew()
    {
        var before = await world.Api.Client.GetStringAsync("/report", Cancel);
        await File.WriteAllTextAsync(Path.Combine(world.Path, "later.sql"), "-- title: Written later\n-- report: yes\nselect 17 as seventeen", Cancel);
        try
        {
            var after = await world.Api.Client.GetStringAsync("/report", Cancel);

            Assert.Contains("All the courses", before, StringComparison.Ordinal);
            Assert.DoesNotContain("Written later", before, StringComparison.Ordinal);
            Assert.Contains("<td class=\"number\">17</td>", after, StringComparison.Ordinal);
            Assert.DoesNotContain("Attempts of a course", after, StringComparison.Ordinal);
            Assert.Contains("| seventeen |", await world.Api.Client.GetStringAsync("/report.md", Cancel), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(Path.Combine(world.Path, "later.sql"));
        }
    }

    /// <summary>The small world behind an API with a folder of queries.</summary>
    public sealed class Folder(PostgresProcess postgres) : IAsyncLifetime
    {
        private readonly SmallWorldApi _world = new(postgres);
        private ApiServer? _api;

        public ApiServer Api => _api!;

        public string Path { get; } = Directory.CreateTempSubdirectory().FullName;

        public async ValueTask InitializeAsync()
        {
            await _world.InitializeAsync();
            Write("plain", "-- title: All the courses\n-- report: yes\nselect course from courses order by course");
            Write("of-course", "-- title: Attempts of a course\n-- parameter: course text -- its slug\nselect user_exam_id from attempts where course_slug "
                + "= :course order by user_exam_id");
            Write("typed", """
                -- parameter: n integer = 7
                -- parameter: share number
                -- parameter: day date
                -- parameter: word text = x
                select :n as whole, trim_scale(:n * :share / (:share / :share)) as half, :day + 0 as day, :word::text as word, (array[1,2,3])[2:3] as slice -- and not :n
                """);
            Write("bad", "-- parameter: n float\nselect 1");
            Write("Not a name", "select 1");
            _api = new ApiServer(_world.Database, settings: ("Queries:Folder", Path));
        }

        public async ValueTask DisposeAsync()
        {
            await Api.DisposeAsync();
            await _world.DisposeAsync();
            Directory.Delete(Path, recursive: true);
        }

        private void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, $"{name}.sql"), text);
    }
}
