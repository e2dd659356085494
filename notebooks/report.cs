#:package Apache.Arrow
#:package Microsoft.Data.Analysis

// The same report as report.ipynb, in C#: `dotnet run notebooks/report.cs`. Every table comes as Apache Arrow into a DataFrame.
// The application runs by `dotnet run --project AppHost`; ACTIVITY_API says where, if not at http://localhost:5180.
using System.Globalization;
using Apache.Arrow.Ipc;
using Microsoft.Data.Analysis;

using var api = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("ACTIVITY_API") ?? "http://localhost:5180") };

Tell("How many?", await AskAsync("select * from activity.totals"));

var courses = await TableAsync("/api/courses");
Tell("The most popular courses", Columns(courses.Head(10), "name", "messages", "attempts", "students", "meanScore", "passRate"));
Tell("Taken once", Columns(courses.Filter(courses["attempts"].ElementwiseEquals(1L)), "name", "attempts"));
Tell("Learning Git", Columns(courses.Filter(courses["slug"].ElementwiseEquals("learning-git")), "messages", "attempts", "students"));

Tell("Scores over all messages", await AskAsync("""
    select sum(messages)::bigint as scored, sum(messages * score) / sum(messages)::float8 as mean
    from activity.score_counts
    where score is not null
    """));
Tell("Histogram of scores", await TableAsync("/api/scores?bins=10"));
Tell("Starts by hour of the day, UTC", Columns(await TableAsync("/api/attempts/by/hour-of-day?count=messages"), "period", "count"));
Tell("Which questions of Learning Git fail everybody?", Columns(
    await TableAsync("/api/courses/learning-git/questions"), "questionId", "attempts", "facility", "itemRest", "verdict"));

async Task<DataFrame> TableAsync(string path)
{
    using var request = new HttpRequestMessage(HttpMethod.Get, path);
    request.Headers.Accept.ParseAdd("application/vnd.apache.arrow.stream");
    using var answer = await api.SendAsync(request);
    if (!answer.IsSuccessStatusCode)
    {
        throw new HttpRequestException($"GET {path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    using var reader = new ArrowStreamReader(await answer.Content.ReadAsStreamAsync());
    var table = default(DataFrame);
    while (await reader.ReadNextRecordBatchAsync() is { } batch)
    {
        var rows = DataFrame.FromArrowRecordBatch(batch);
        table = table is null ? rows : table.Append(rows.Rows, inPlace: true);
    }

    return table ?? new DataFrame();
}

Task<DataFrame> AskAsync(string sql) => TableAsync($"/api/sql?query={Uri.EscapeDataString(sql)}");

static DataFrame Columns(DataFrame table, params string[] names) => new(names.Select(name => table[name]));

static void Tell(string title, DataFrame table)
{
    Console.WriteLine($"\n{title}\n{new string('=', title.Length)}");
    string[][] lines = [[.. table.Columns.Select(column => column.Name)], .. table.Rows.Select(row => row.Select(Text).ToArray())];
    var widths = table.Columns.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
    foreach (var line in lines)
    {
        Console.WriteLine(string.Join("  ", line.Select((cell, column) =>
            table.Columns[column].IsNumericColumn() ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}

static string Text(object? cell) => cell switch
{
    null => "",
    double or decimal => string.Create(CultureInfo.InvariantCulture, $"{cell:0.####}"),
    _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
};
