using System.Diagnostics;
using System.Net;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>One row of values and one of nulls, in each shape.</summary>
public sealed class SqlShapeTests(SqlApi sql) : IClassFixture<SqlApi>
{
    private const string Everything = """
        select * from (values
          (1, true, 9007199254740993, 0.1::float8, 12345678901234567.8901::numeric, timestamptz '2018-01-28 12:10:51.123456+02', timestamp '2018-01-28 12:10:51.5', date '2018-01-28', 'a,"b" | ü' || chr(10) || '😀', array[1, 2], interval '1 day 2 hours', '{"a": 1}'::jsonb),
          (2, null, null, null, null, null, null, null, null, null, null, null),
          (3, false, -1, 'NaN', -1.50, timestamptz '1969-12-31 23:59:59.999999+00', timestamp '0001-01-01', date '9999-12-31', '', array[]::int[], interval '-1 second', '[]'))
          as v (n, truth, whole, number, exact, instant, clock, day, words, list, span, doc)
        order by n
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task JSON_keeps_every_value()
    {
        var rows = await sql.AskAsync(Everything);

        Assert.Equal(
            """{"n":1,"truth":true,"whole":9007199254740993,"number":0.1,"exact":12345678901234567.8901,"instant":"2018-01-28T10:10:51.123456Z","clock":"2018-01-28T12:10:51.5","day":"2018-01-28","words":"a,\u0022b\u0022 | \u00FC\n\uD83D\uDE00","list":"{1,2}","span":"P1DT2H","doc":"{\u0022a\u0022: 1}"}""",
            rows[0]!.ToJsonString());
        Assert.All(rows[1]!.AsObject().Skip(1), field => Assert.Null(field.Value));
        Assert.Equal("NaN", (string)rows[2]!["number"]!);
        Assert.Equal("-1.50", rows[2]!["exact"]!.ToJsonString());
    }

    [Fact]
    public async Task CSV_keeps_every_value() =>
        Assert.Equal(
            "n,truth,whole,number,exact,instant,clock,day,words,list,span,doc\r\n" +
            "1,true,9007199254740993,0.1,12345678901234567.8901,2018-01-28T10:10:51.123456Z,2018-01-28T12:10:51.5,2018-01-28,\"a,\"\"b\"\" | ü\n😀\",\"{1,2}\",P1DT2H,\"{\"\"a\"\": 1}\"\r\n" +
            "2,,,,,,,,,,,\r\n" +
            "3,false,-1,NaN,-1.50,1969-12-31T23:59:59.999999Z,0001-01-01T00:00:00,9999-12-31,\"\",{},PT-1S,[]\r\n",
            Encoding.UTF8.GetString(await FileAsync(Everything, "csv")));

    [Theory]
    [InlineData("md")]
    [InlineData("html")]
    public async Task What_people_read_has_every_value(string format)
    {
        var text = WebUtility.HtmlDecode(Encoding.UTF8.GetString(await FileAsync(Everything, format)));

        foreach (
            var value in (string[])["true", "9007199254740993", "0.1", "12345678901234567.8901", "2018-01-28T10:10:51.123456Z", "2018-01-28T12:10:51.5",
            "9999-12-31", "{1,2}", "-1.50"])
        {
            Assert.Contains(value, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Arrow_keeps_every_value()
    {
        using var reader = new ArrowStreamReader(new MemoryStream(await FileAsync(Everything, "arrow")));
        using var batch = await reader.ReadNextRecordBatchAsync(Cancel);

        Assert.Equal(3, batch.Length);
        Assert.All(batch.Arrays.Skip(1), array => Assert.True(array.IsNull(1)));
        Assert.Equal(true, ((BooleanArray)batch.Column("truth")).GetValue(0));
        Assert.Equal(9007199254740993, ((Int64Array)batch.Column("whole")).GetValue(0));
        Assert.Equal(0.1, ((DoubleArray)batch.Column("number")).GetValue(0));
        Assert.Equal(double.NaN, ((DoubleArray)batch.Column("number")).GetValue(2));
        Assert.Equal(12345678901234567.8901m, ((Decimal128Array)batch.Column("exact")).GetValue(0));
        Assert.Equal(-1.50m, ((Decimal128Array)batch.Column("exact")).GetValue(2));
        Assert.Equal(DateTimeOffset.Parse("2018-01-28T10:10:51.123456Z"), ((TimestampArray)batch.Column("instant")).GetTimestamp(0));
        Assert.Equal("UTC", ((TimestampType)batch.Schema.GetFieldByName("instant").DataType).Timezone);
        Assert.Equal(DateTimeOffset.Parse("2018-01-28T12:10:51.5Z"), ((TimestampArray)batch.Column("clock")).GetTimestamp(0));
        Assert.Null(((TimestampType)batch.Schema.GetFieldByName("clock").DataType).Timezone);
        Assert.Equal(new DateTime(2018, 1, 28), ((Date32Array)batch.Column("day")).GetDateTime(0));
        Assert.Equal("a,\"b\" | ü\n😀", ((StringArray)batch.Column("words")).GetString(0));
        Assert.Equal("", ((StringArray)batch.Column("words")).GetString(2));
        Assert.Equal(ArrowTypeId.String, batch.Schema.GetFieldByName("list").DataType.TypeId);
    }

    [Fact]
    public async Task Parquet_keeps_every_value()
    {
        var file = await FileAsync(Everything, "parquet");
        using var reader = new ParquetFileReader(new MemoryStream(file));
        using var group = reader.RowGroup(0);

        T[] Column<T>(string name) => group.Column(reader.FileMetaData.Schema.ColumnIndex(name)).LogicalReader<T>().ReadAll(3);
        Assert.Equal([true, null, false], Column<bool?>("truth"));
        Assert.Equal([9007199254740993, null, -1], Column<long?>("whole"));
        Assert.Equal([0.1, null, double.NaN], Column<double?>("number"));
        Assert.Equal([12345678901234567.8901m, null, -1.50m], Column<decimal?>("exact"));
        Assert.Equal(
            [new DateTime(2018, 1, 28, 10, 10, 51).AddTicks(1234560), null, new DateTime(1970, 1, 1).AddTicks(-10)], Column<DateTime?>("instant"));
        Assert.Equal([new DateTime(2018, 1, 28, 12, 10, 51, 500), null, DateTime.MinValue], Column<DateTime?>("clock"));
        Assert.Equal([new Date(2018, 1, 28), null, new Date(9999, 12, 31)], Column<Date?>("day"));
        Assert.Equal(["a,\"b\" | ü\n😀", null, ""], Column<string?>("words"));
        Assert.Equal(["{1,2}", null, "{}"], Column<string?>("list"));
        Assert.Contains("isAdjustedToUTC=true, timeUnit=microseconds", Logical(reader, "instant"), StringComparison.Ordinal);
        Assert.Contains("isAdjustedToUTC=false, timeUnit=microseconds", Logical(reader, "clock"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_that_no_decimal_holds_are_text_digit_by_digit()
    {
        var csv = Encoding.UTF8.GetString(await FileAsync(
            "select * from (values (1.50, 1e27, 1), (10000000000000000000000000000000000000001.25, 0.0000000000001, 'NaN'::numeric)) as v (a, b, c)", "csv"));

        Assert.Equal("a,b,c\r\n1.50,1000000000000000000000000000,1\r\n10000000000000000000000000000000000000001.25,0.0000000000001,NaN\r\n", csv);
    }

    [Fact]
    public async Task A_time_that_no_table_holds_is_refused_with_a_way_out()
    {
        var problem = await sql.RefusedAsync("select timestamptz 'infinity' as t", HttpStatusCode.UnprocessableEntity);

        Assert.Contains("::text", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal("infinity", (string)(await sql.AskAsync("select (timestamptz 'infinity')::text as t"))[0]!["t"]!);
    }

    [Fact]
    public async Task NDJSON_keeps_every_value_a_line_a_row()
    {
        var lines = Encoding.UTF8.GetString(await FileAsync(Everything, "ndjson")).Split('\n');
        var rows = await sql.AskAsync(Everything);

        Assert.Equal(4, lines.Length);
        Assert.Equal(rows.Select(row => row!.ToJsonString()), lines[..3].Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!.ToJsonString()));
        Assert.Empty(lines[3]);
    }

    [Fact]
    public async Task Many_rows_come_whole_in_every_shape()
    {
        const string Many = "select i as n from generate_series(1, 150000) i";
        Assert.Equal(150_000, (await sql.AskAsync(Many)).Count);
        Assert.Equal(150_001, Encoding.UTF8.GetString(await FileAsync(Many, "csv")).Count(letter => letter == '\n'));
        using var parquet = new ParquetFileReader(new MemoryStream(await FileAsync(Many, "parquet")));
        Assert.Equal(150_000, parquet.FileMetaData.NumRows);
        using var arrow = new ArrowStreamReader(new MemoryStream(await FileAsync(Many, "arrow")));
        long rows = 0, sum = 0;
        while (await arrow.ReadNextRecordBatchAsync(Cancel) is { } batch)
        {
            rows += batch.Length;
            sum += ((Int64Array)batch.Column(0)).Sum(value => value!.Value);
        }

        Assert.Equal((150_000, 150_000L * 150_001 / 2), (rows, sum));
    }

    [Fact]
    public async Task An_answer_without_rows_has_its_columns_in_every_shape()
    {
        const string None = "select course, attempts, 1.5 as half from courses where false";
        Assert.Equal("course,attempts,half\r\n", Encoding.UTF8.GetString(await FileAsync(None, "csv")));
        using var parquet = new ParquetFileReader(new MemoryStream(await FileAsync(None, "parquet")));
        Assert.Equal(3, parquet.FileMetaData.NumColumns);
        using var arrow = new ArrowStreamReader(new MemoryStream(await FileAsync(None, "arrow")));
        Assert.Null(await arrow.ReadNextRecordBatchAsync(Cancel));
        Assert.Equal(3, arrow.Schema.FieldsList.Count);
    }

    [Fact]
    public async Task Pandas_reads_the_CSV_equal()
    {
        const string Python = "/usr/bin/python3";
        const string Script = """
            import io, sys
            answer = sys.stdin.buffer.read()
            try:
                import pandas
            except ImportError:
                print("no pandas"); sys.exit()
            t = pandas.read_csv(io.BytesIO(answer), parse_dates=["instant", "clock"], dtype={"whole": str, "exact": str, "truth": "boolean"},
                keep_default_na=False, na_values={c: ["", "NaN"] for c in ["truth", "whole", "number", "exact", "instant", "clock", "day"]})
            a = t.iloc[0]
            assert a.truth == True and int(a.whole) == 9007199254740993 and a.number == 0.1 and a.exact == "12345678901234567.8901", a
            assert pandas.Timestamp(a.instant) == pandas.Timestamp("2018-01-28T10:10:51.123456Z") and a.words == 'a,"b" | ü\n😀', a
            assert pandas.Timedelta(a.span) == pandas.Timedelta(days=1, hours=2) and a.day == "2018-01-28", a
            assert t.iloc[1][["truth", "whole", "number", "exact"]].isna().all() and t.iloc[2].exact == "-1.50", t
            print("equal")
            """;
        Assert.SkipUnless(File.Exists(Python), "There is no Debian Python here.");
        using var python = Process.Start(
            new ProcessStartInfo(Python, ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await python.StandardInput.BaseStream.WriteAsync(await FileAsync(Everything, "csv"), Cancel);
        python.StandardInput.Close();
        var (said, complained) = (await python.StandardOutput.ReadToEndAsync(Cancel), await python.StandardError.ReadToEndAsync(Cancel));

        Assert.SkipWhen(said.StartsWith("no pandas", StringComparison.Ordinal), "Debian's Python has no pandas.");
        Assert.True(said.StartsWith("equal", StringComparison.Ordinal), complained);
    }

    private static string Logical(ParquetFileReader reader, string name) =>
        reader.FileMetaData.Schema.Column(reader.FileMetaData.Schema.ColumnIndex(name)).LogicalType.ToString()!;

    private async Task<byte[]> FileAsync(string statement, string format)
    {
        using var content = new StringContent(statement, Encoding.UTF8, "application/sql");
        using var response = await sql.Api.Client.PostAsync($"/api/sql?format={format}", content, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(Cancel);
    }
}
