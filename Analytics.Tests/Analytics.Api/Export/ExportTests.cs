using System.Diagnostics;
using System.Globalization;
using System.Net;
using Analytics.Tests.Analytics.Api.Access;
using Analytics.Tests.Analytics.Api.Filters;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using DuckDB.NET.Data;

namespace Analytics.Tests.Analytics.Api.Export;

/// <summary>Whole tables, read by DuckDB and others, against what REST answers.</summary>
[Collection(nameof(TakenWorld))]
public sealed class ExportTests(TakenWorld world) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("export").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("parquet", "read_parquet")]
    [InlineData("csv", "read_csv")]
    [InlineData("ndjson", "read_ndjson")]
    public async Task DuckDB_reads_the_figures_that_REST_answers(string format, string reader)
    {
        var (attempts, answers, options) = (await SaveAsync("attempts", format), await SaveAsync("answers", format), await SaveAsync("options", format));

        Assert.Equal(
            (await world.Api.GetAsync("/api/courses"))["courses"]!.AsArray()
                .Select(course => $"{course!["slug"]}|{course["attempts"]}|{course["students"]}|{Rounded((double?)course["meanScore"])}|{Rounded((double?)course["passRate"])}").ToHashSet(),
            Ask($"""
                select course_slug, count(*), count(distinct student), round(avg(score), 6), round(100.0 * count(*) filter (where score > 70) / count(*), 6)
                from {reader}('{attempts}') group by all
                """));
        var questions = (await world.Api.GetAsync("/api/courses/learning-git/questions"))["exams"]!.AsArray().SelectMany(
            exam => exam!["questions"]!.AsArray()).ToList();
        Assert.Equal(
            questions.Select(question => $"{question!["questionId"]}|{question["attempts"]}|{question["correct"]}|{question["omitted"]}").ToHashSet(),
            Ask($"""
                select question_id, count(*), count(*) filter (where correct), count(*) filter (where result = 'unanswered')
                from {reader}('{answers}') where course_slug = 'learning-git' group by all
                """));
        Assert.Equal(
            questions.SelectMany(question => question!["options"]!.AsArray()).Select(
                option => $"{option!["optionId"]}|{option["isCorrect"]}|{option["shown"]}|{option["chosen"]}").ToHashSet(),
            Ask($"""
                select option_id, is_correct, count(*), count(*) filter (where checked)
                from {reader}('{options}') where course_slug = 'learning-git' group by all
                """));
    }

    [Fact]
    public async Task Arrow_comes_in_batches_with_types()
    {
        using var response = await world.Api.Client.GetAsync("/api/export/answers?format=arrow", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new ArrowStreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        var rows = 0;
        while (await reader.ReadNextRecordBatchAsync(Cancel) is { } batch)
        {
            using (batch)
            {
                Assert.IsType<TimestampType>(batch.Schema.GetFieldByName("started_at").DataType);
                Assert.IsType<BooleanArray>(batch.Column("correct"));
                Assert.IsType<Int64Array>(batch.Column("ingest_transaction"));
                rows += batch.Length;
            }
        }

        Assert.Equal(world.Attempts.Sum(attempt => attempt.Answers.Count), rows);
    }

    [Fact]
    public async Task Files_by_month_are_one_table_of_a_lake()
    {
        var (exitCode, output, error) = await ApiProcess.RunAsync(
            ["export", "--out", _folder, "--course", "learning-git", "--take", "best"], ("ConnectionStrings__activity", world.Database));
        Assert.True(exitCode == 0, error);
        Assert.True(long.Parse(output, CultureInfo.InvariantCulture) > 0, output);

        Assert.Equal(
            (await world.Api.GetAsync("/api/attempts/by/month?course=learning-git&take=best"))["periods"]!.AsArray().Select(
                month => $"{month!["period"]}|{month["count"]}").ToHashSet(),
            Ask($"select month, count(*) from read_parquet('{_folder}/attempts/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) group by all"));
        Assert.Equal(
            world.Attempts.Where(attempt => attempt.Course == "Learning Git" && attempt.Takes.Contains("best")).Sum(attempt => attempt.Answers.Count),
            int.Parse(Ask($"select count(*) from read_parquet('{_folder}/answers/*/part-0.parquet')").Single(), CultureInfo.InvariantCulture));
        Assert.True(File.Exists(Path.Combine(_folder, "options", "month=2017-12", "part-0.parquet")));
    }

    [Theory]
    [InlineData("--course lerning-git", "did you mean learning-git?")]
    [InlineData("--take frist", "did you mean first?")]
    [InlineData("--since 9000000000000000000", "export it whole")]
    [InlineData("--table courses", "'courses'")]
    public async Task A_wrong_call_is_one_sentence_and_exit_code_2(string arguments, string sentence)
    {
        var (exitCode, output, error) =
            await ApiProcess.RunAsync(["export", "--out", _folder, .. arguments.Split(' ')], ("ConnectionStrings__activity", world.Database));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Pandas_reads_the_figures_that_REST_answers()
    {
        var path = await SaveAsync("attempts", "parquet");
        Assert.SkipUnless(await PythonAsync("import pandas, pyarrow") is not null, "Debian's Python with pandas and pyarrow is not on this machine.");

        var figures = await PythonAsync($"import pandas; a = pandas.read_parquet('{path}'); print(len(a), a.student.nunique(), round(a.score.mean(), 6))");

        var summary = await world.Api.GetAsync("/api/summary");
        Assert.Equal($"{summary["attempts"]} {summary["students"]} {Rounded((double)summary["meanScore"]!)}", figures);
    }

    [Fact]
    public async Task What_an_export_is_not_is_refused()
    {
        Assert.Contains("attempts, answers or options", await world.Api.RefusedAsync("/api/export/courses", HttpStatusCode.BadRequest),
            StringComparison.Ordinal);
        Assert.Contains("parquet, arrow, csv, ndjson", await world.Api.RefusedAsync("/api/export/attempts?format=json", HttpStatusCode.BadRequest),
            StringComparison.Ordinal);
        Assert.Contains("export it whole", await world.Api.RefusedAsync("/api/export/attempts?since=8000000000000000000", HttpStatusCode.BadRequest),
            StringComparison.Ordinal);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/api/export/options?format=csv");
        using var response = await world.Api.Client.SendAsync(head, Cancel);
        Assert.Equal((HttpStatusCode.OK, true), (response.StatusCode, response.Headers.Contains("Next-Since")));
    }

    private async Task<string> SaveAsync(string table, string format)
    {
        var path = Path.Combine(_folder, $"{table}.{format}");
        await using var file = File.Create(path);
        await using var body = await world.Api.Client.GetStreamAsync($"/api/export/{table}?format={format}", Cancel);
        await body.CopyToAsync(file, Cancel);
        return path;
    }

    private static string? Rounded(double? number) => number is { } known ? Math.Round(known, 6).ToString(CultureInfo.InvariantCulture) : null;

    private static HashSet<string> Ask(string sql)
    {
        using var database = new DuckDBConnection("DataSource=:memory:");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new HashSet<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetValue(i) switch
            {
                bool truth => truth ? "true" : "false",
                var value => Convert.ToString(value, CultureInfo.InvariantCulture),
            })));
        }

        return rows;
    }

    private static async Task<string?> PythonAsync(string program)
    {
        using var python =
            Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", program]) { RedirectStandardOutput = true, RedirectStandardError = true });
        var output = python is null ? "" : await python.StandardOutput.ReadToEndAsync(Cancel);
        await (python?.WaitForExitAsync(Cancel) ?? Task.CompletedTask);
        return python?.ExitCode == 0 ? output.Trim() : null;
    }
}
