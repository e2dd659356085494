using System.Diagnostics;
using System.Net;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Npgsql;
using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>Many askers, slow readers, and answers of any length.</summary>
public sealed class QueueTests(SqlApi sql) : IClassFixture<SqlApi>
{
    // Far more than buffers on the way hold.
    private const string Long = "select i, md5(i::text) as digest from (select generate_series(1, 1000000000) as i) numbers";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("select count(*) from attempts")]
    [InlineData("select i, repeat('x', 100) as text from generate_series(1, 2000) i")]
    public async Task Twenty_who_ask_at_once_are_all_answered(string statement)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SqlApi.SendAsync(sql.Api.Client, $"{statement} -- {i}")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task One_who_waits_too_long_is_told_to_come_again()
    {
        const string Forever = "select count(*) as waited_for from generate_series(1, 100000000000)";
        await using var api = new ApiServer(sql.Database, settings: [("Sql:MaxConcurrent", "1"), ("Sql:MaxWaitSeconds", "1"), ("Sql:TimeoutSeconds", "600")]);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var content = new StringContent(Forever, Encoding.UTF8, "application/sql");
        var first = api.Client.PostAsync("/api/sql", content, leaving.Token);
        await UntilAsync($"select count(*) = 1 from pg_stat_activity where query = '{Forever}' and state = 'active'");

        var (status, problem) = await SqlApi.SendAsync(api.Client, "select 1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("within 1 seconds", (string)problem["detail"]!, StringComparison.Ordinal);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Those_who_read_nothing_keep_nobody_from_asking_and_lose_their_answers()
    {
        await using var api = new ApiServer(sql.Database, settings: [("Sql:MinBytesPerSecond", "1000000000")]);
        var readers = new List<HttpResponseMessage>();
        for (var i = 0; i < 4; i++)
        {
            using var content = new StringContent(Long, Encoding.UTF8, "application/sql");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sql?format=csv") { Content = content };
            readers.Add(await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel));
            Assert.Equal(HttpStatusCode.OK, readers[^1].StatusCode);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SqlApi.SendAsync(api.Client, $"select {i} + count(*) from attempts")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await UntilAsync("select count(*) = 0 from pg_stat_activity where query like 'select i, md5%' and datname = current_database()");
        foreach (var reader in readers)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => reader.Content.ReadAsByteArrayAsync(Cancel));
            reader.Dispose();
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("parquet")]
    public async Task When_the_reader_of_a_stream_leaves_the_statement_ends(string format)
    {
        var statement = $"{Long} where '{format}' <> ''";
        using var content = new StringContent(statement, Encoding.UTF8, "application/sql");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sql?format={format}") { Content = content };
        var response = await sql.Api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        response.Dispose();

        await UntilAsync($"select count(*) = 0 from pg_stat_activity where query = $text${statement}$text$");
    }

    [Theory]
    [InlineData("Sql:MaxRows", "1000", "more than 1000 rows (Sql:MaxRows)")]
    [InlineData("Sql:MaxBytes", "65536", "more than 65536 bytes (Sql:MaxBytes)")]
    public async Task An_answer_over_a_limit_is_refused_at_once_with_the_limit_that_it_was(string setting, string value, string said)
    {
        await using var api = new ApiServer(sql.Database, settings: [(setting, value), ("Sql:TimeoutSeconds", "600")]);
        await SqlApi.SendAsync(api.Client, "select 1");
        var took = Stopwatch.StartNew();

        // Read to its end it would take hours.
        var (status, problem) = await SqlApi.SendAsync(api.Client, "select generate_series(1, 100000000000), 'text'");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(said, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.True(took.Elapsed < TimeSpan.FromSeconds(60), $"It took {took.Elapsed}.");
    }

    [Fact]
    public async Task A_value_over_the_limit_is_told_by_its_column()
    {
        await using var api = new ApiServer(sql.Database, settings: ("Sql:MaxBytes", "65536"));

        var (_, problem) = await SqlApi.SendAsync(api.Client, "select 1 as one, string_agg(i::text, '') as digits from generate_series(1, 50000) i");

        Assert.Equal("A value of the column digits has 238894 bytes, and one may have 65536 (Sql:MaxBytes).", (string)problem["detail"]!);
    }

    [Theory]
    [InlineData(72_000)] // More than a batch of Arrow and a row group of Parquet hold.
    [InlineData(300_000, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Tables_come_whole_however_long_in_every_shape_that_is_streamed(int count)
    {
        var statement = $"select i as n, md5(i::text) as digest, i / 3.0 as third from generate_series(1, {count}) i";
        await using var api = new ApiServer(sql.Database, settings: [("Sql:MaxRows", "10"), ("Sql:MaxBytes", "1024")]);
        var expected = ((long)count, (long)count * (count + 1) / 2);

        var csv = (await TextAsync(api, statement, "csv")).Split("\r\n");
        Assert.Equal(("n,digest,third", count + 2, ""), (csv[0], csv.Length, csv[^1]));
        Assert.StartsWith($"{count},", csv[count], StringComparison.Ordinal);

        var lines = (await TextAsync(api, statement, "ndjson")).Split('\n');
        Assert.Equal(expected, (lines.Length - 1L, lines[..^1].Sum(line => (long)System.Text.Json.Nodes.JsonNode.Parse(line)!["n"]!)));

        using var arrow = new ArrowStreamReader(await StreamAsync(api, statement, "arrow"));
        var (batches, rows, sum, thirds) = (0, 0L, 0L, 0m);
        while (await arrow.ReadNextRecordBatchAsync(Cancel) is { } batch)
        {
            batches++;
            rows += batch.Length;
            sum += ((Int64Array)batch.Column(0)).Sum(value => value!.Value);
            thirds = ((Decimal128Array)batch.Column(2)).GetValue(batch.Length - 1)!.Value;
        }

        Assert.Equal(expected, (rows, sum));
        Assert.True(batches > 1);
        Assert.Equal(count / 3m, thirds);

        var file = new MemoryStream();
        await (await StreamAsync(api, statement, "parquet")).CopyToAsync(file, Cancel);
        file.Position = 0;
        using var parquet = new ParquetFileReader(file);
        Assert.Equal(count, parquet.FileMetaData.NumRows);
        Assert.True(parquet.FileMetaData.NumRowGroups > 1);
        using var last = parquet.RowGroup(parquet.FileMetaData.NumRowGroups - 1);
        Assert.Equal(count, last.Column(0).LogicalReader<long?>().ReadAll((int)last.MetaData.NumRows)[^1]);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("ndjson")]
    [InlineData("arrow")]
    [InlineData("parquet")]
    public async Task What_fails_on_the_way_breaks_the_connection(string format)
    {
        // The last row divides by nothing, long after the first ones are sent.
        const string Statement = "select i, 1 / (100000 - i) as one from generate_series(1, 100000) i";
        using var content = new StringContent(Statement, Encoding.UTF8, "application/sql");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sql?format={format}") { Content = content };
        using var response = await sql.Api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("parquet")]
    public async Task What_fails_among_the_first_rows_is_told(string format)
    {
        using var content = new StringContent("select 1 / (10 - i) from generate_series(1, 10) i", Encoding.UTF8, "application/sql");
        using var response = await sql.Api.Client.PostAsync($"/api/sql?format={format}", content, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("division by zero", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_come_too_slowly_are_stopped()
    {
        await using var api = new ApiServer(sql.Database, settings: [("Sql:TimeoutSeconds", "1"), ("Sql:MinBytesPerSecond", "1000000000")]);
        using var content = new StringContent("select count(*) from generate_series(1, 10000000000) i", Encoding.UTF8, "application/sql");
        using var response = await api.Client.PostAsync("/api/sql?format=csv", content, Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("longer than 1 seconds", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(ApiServer api, string statement, string format)
    {
        using var reader = new StreamReader(await StreamAsync(api, statement, format), Encoding.UTF8);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static async Task<Stream> StreamAsync(ApiServer api, string statement, string format)
    {
        var content = new StringContent(statement, Encoding.UTF8, "application/sql");
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sql?format={format}") { Content = content };
        var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStreamAsync(Cancel);
    }

    private async Task UntilAsync(string condition)
    {
        await using var owner = NpgsqlDataSource.Create(sql.Database);
        await using var command = owner.CreateCommand(condition);
        while (!(bool)(await command.ExecuteScalarAsync(Cancel))!)
        {
            await Task.Delay(10, Cancel);
        }
    }
}
