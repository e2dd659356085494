using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api;

/// <summary>The names of questions over the data set; each test leaves its API without a catalogue.</summary>
[Collection(nameof(DataSetApi))]
public sealed class CatalogueTests(DataSetApi data, SmallWorldApi world) : IClassFixture<SmallWorldApi>, IAsyncLifetime
{
    private const string Git = "/api/courses/learning-git/questions";

    private static readonly string Wide = string.Concat(Enumerable.Repeat("𐀀", 250));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var api in (ApiServer[])[await data.StartedAsync(), world.Api])
        {
            using var response = await api.Client.DeleteAsync("/api/catalogue", CancellationToken.None);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }
    }

    [Fact]
    public async Task Every_answer_and_page_has_the_text_and_the_topic_and_none_once_the_catalogue_is_emptied()
    {
        var api = await data.StartedAsync();
        var before = await api.GetAsync(Git);
        var exam = before["exams"]![0]!;
        var question = exam["questions"]![0]!;
        var (id, option) = ((string)question["questionId"]!, question["options"]![0]!);
        const string Text = "=1+1, or \"two\"?\nSay <b>which</b>, and remember that a question may be so long "
            + "that nobody wants to read the whole of it in a table.";
        var key = !(bool)option["isCorrect"]!;
        var state = await PutAsync(api, $"""
            Question id,Option id,Text,Topic,Key
            {id},,{Quoted(Text)},Adding,
            {id},{option["optionId"]},Both,,{key}
            {id},nobody-was-shown-it,Neither,,0

            nowhere,,Nothing,Adding,
            """);

        Assert.Equal((2, 2, 1, 1), ((int)state["questions"]!, (int)state["options"]!, (int)state["topics"]!, (int)state["namedQuestions"]!));
        Assert.Equal(await ScalarAsync(api, "select count(*) from questions"), state["shownQuestions"]!.ToString());
        Assert.Equal(
            [("nowhere", null), (id, "nobody-was-shown-it")],
            state["unknown"]!.AsArray().Select(one => ((string)one!["questionId"]!, (string?)one["optionId"]))
                .OrderByDescending(one => one.Item1 == "nowhere"));
        Assert.Equal((2, 1), ((int)state["unknownCount"]!, (int)state["contradictionCount"]!));
        Assert.Equal((string)option["optionId"]!, (string)state["contradictions"]![0]!["optionId"]!);

        var named = (await api.GetAsync(Git))["exams"]![0]!["questions"]![0]!;
        Assert.Equal((Text, "Adding"), ((string)named["text"]!, (string)named["topic"]!));
        Assert.Equal(("Both", key, !key),
            ((string)named["options"]![0]!["text"]!, (bool)named["options"]![0]!["catalogueKey"]!, (bool)named["options"]![0]!["isCorrect"]!));
        var asked = $"exam={exam["baseExamId"]}&question={id}";
        Assert.Contains((await api.GetAsync($"{Git}/options?{asked}"))["groups"]!.AsArray().SelectMany(group => group!["options"]!.AsArray()),
            one => (string?)one!["text"] == "Both" && (string)one["optionId"]! == (string)option["optionId"]!);
        Assert.Equal(("Adding", Text), (await api.GetAsync($"{Git}/rasch"))["exams"]![0]!["questions"]!.AsArray()
            .Where(one => (string)one!["questionId"]! == id).Select(one => ((string)one!["topic"]!, (string)one["text"]!)).Single());
        var attempt = await ScalarAsync(api, $"select min(user_exam_id) from answer_options where question_id = '{id}' and option_id = '{option["optionId"]}'");
        var answer = (await api.GetAsync($"/api/attempts/{attempt}"))["answers"]!.AsArray().First(one => (string)one!["questionId"]! == id)!;
        Assert.Equal((Text, "Adding"), ((string)answer["text"]!, (string)answer["topic"]!));
        Assert.Contains("Both", answer["options"]!.AsArray().Select(one => (string?)one!["text"]));

        Assert.Equal(question["attempts"]!.ToString(), await ScalarAsync(api, "select count(distinct user_exam_id) from answers where topic = 'Adding'"));
        Assert.Equal("Both", await ScalarAsync(api, $"select text from options where catalogue_key <> is_correct and question_id = '{id}'"));
        Assert.Equal("1", await ScalarAsync(api, "select count(*) from questions where text like '=1+1%'"));
        Assert.NotEqual("0", await ScalarAsync(api, "select count(*) from answer_options where text = 'Both'"));

        var list = WebUtility.HtmlDecode(await api.Client.GetStringAsync("/questions?course=learning-git", Cancel));
        Assert.Contains(">=1+1, or \"two\"? Say <b>which</b>, and remember", list, StringComparison.Ordinal);
        Assert.DoesNotContain("in a table.</span>", list, StringComparison.Ordinal);
        Assert.Contains("By topic", list, StringComparison.Ordinal);
        Assert.Contains("(no topic)", list, StringComparison.Ordinal);
        var page = await api.Client.GetStringAsync($"/questions/item?course=learning-git&{asked}", Cancel);
        Assert.DoesNotContain("<b>which", page, StringComparison.Ordinal);
        Assert.Contains("Topic Adding.", page, StringComparison.Ordinal);
        Assert.Contains($"“Both” is {(key ? "right" : "wrong")} by the catalogue", page, StringComparison.Ordinal);
        Assert.Contains("…", await MarkdownRowAsync(api), StringComparison.Ordinal);
        var report = await api.Client.GetStringAsync("/report?course=learning-git", Cancel);
        Assert.Contains("Say &lt;b&gt;which", report, StringComparison.Ordinal);

        using (await api.Client.DeleteAsync("/api/catalogue", Cancel))
        {
            Assert.Equal(before.ToJsonString(), (await api.GetAsync(Git)).ToJsonString());
        }
    }

    [Fact]
    public async Task It_comes_back_as_the_file_that_it_was_made_of()
    {
        const string File = "questionId,optionId,text,topic,key,exam\r\nq1,,\"A, \"\"b\"\"\nand 'c'\",,,\r\n"
            + "q1,x,=SUM(A1),,true,\r\nq1,y,,,false,\r\nq1,,Ours,T,,git-a\r\nq3,,,T,,\r\n";
        await PutAsync(world.Api, File);

        var csv = await world.Api.Client.GetStringAsync("/api/catalogue?format=csv", Cancel);
        Assert.Equal(File.Split("\r\n").Order(), csv.Split("\r\n").Order());
        await PutAsync(world.Api, csv);
        Assert.Equal(csv, await world.Api.Client.GetStringAsync("/api/catalogue?format=csv", Cancel));
        Assert.Equal(5, (await world.Api.GetAsync("/api/catalogue"))["rows"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("", "Line 1 is missing")]
    [InlineData("question_id;text\nq;t", "Line 1, column 1: a catalogue has no column \"question_id;text\"")]
    [InlineData("question_id,txt\nq,t", "Line 1, column 2: a catalogue has no column \"txt\"; did you mean text?")]
    [InlineData("question_id,topic\nq,t", "Line 1 names no column text")]
    [InlineData("question_id,text,text\nq,t,u", "Line 1, column 3: the column text comes twice.")]
    [InlineData("question_id,text\nq,t\n\nr", "Line 4, column 1: the row has 1 fields and the header 2")]
    [InlineData("question_id,text\nq,\"t\nu\"\nr,a, b", "Line 4, column 3: the row has 3 fields and the header 2")]
    [InlineData("question_id,text\n,t", "Line 2, column 1: question_id is empty.")]
    [InlineData("question_id,text,topic\nq,,", "Line 2, column 2: text is empty, and the topic too")]
    [InlineData("question_id,text\nq,t\nr,u\nq,v", "Line 4, column 1: question_id is named in line 2 already.")]
    [InlineData("question_id,option_id,text,key\nq,o,t,perhaps", "Line 2, column 4: key is \"perhaps\" and not true, false, 1, 0 or empty.")]
    [InlineData("question_id,option_id,text,key\nq,,t,1", "Line 2, column 4: key is said of a question")]
    [InlineData("question_id,option_id,text,topic\nq,o,t,T", "Line 2, column 4: topic is said of an option")]
    [InlineData("question_id,text\nq,\"t\nr,u\n", "Line 2, column 2: a quotation mark")]
    [InlineData("question_id,text\nq,\"t\"\"", "Line 2, column 2: the quoted text has no end.")]
    [InlineData("question_id,text\nq,t\"u", "Line 2, column 2: a quotation mark")]
    [InlineData("question_id,text\nq,t\0u", "Line 2, column 2: text has the character U+0000")]
    public async Task A_wrong_file_changes_nothing_and_is_told_by_line_and_column(string file, string reason)
    {
        await PutAsync(world.Api, "question_id,text\nq1,Kept");
        using var response = await SendAsync(world.Api, Encoding.UTF8.GetBytes(file));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.StartsWith(reason, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal("Kept", (string)(await world.Api.GetAsync("/api/catalogue"))["rows"]![0]!["text"]!);
    }

    [Fact]
    public async Task What_is_no_text_in_UTF_8_or_too_long_is_refused_too()
    {
        foreach (var (file, reason) in (IEnumerable<(byte[], string)>)
            [
                ([.. "question_id,text\nq,"u8, 0xFC, (byte)'\n'], "there are bytes that are no UTF-8"),
                (Encoding.UTF8.GetBytes($"question_id,text\nq,{new string('x', 10_001)}"), "Line 2, column 2: text has 10001 characters and may have 10000."),
                (Encoding.UTF8.GetBytes($"question_id,option_id,text\n{Wide},{Wide},t\n{new string('語', 500)},{new string('語', 500)},t"),
                    "Line 3, column 1: question_id and the row's other ids have together more than"),
            ])
        {
            using var response = await SendAsync(world.Api, file);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            Assert.Contains(reason, (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["detail"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_id_of_several_exams_is_told_and_a_row_with_an_exam_goes_before()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        await api.ExecuteAsync("insert into items (exam_id, question_id) values (2, 'q1')");

        var state = await PutAsync(api, "question_id,text,topic,exam\nq1,Any,T,\nq2,Other,T,git-b\n");
        Assert.Equal((1, "q1"), ((int)state["sharedCount"]!, (string)state["shared"]![0]!["questionId"]!));
        Assert.Equal(("q2", "git-b"), ((string)state["unknown"]![0]!["questionId"]!, (string)state["unknown"]![0]!["exam"]!));

        await PutAsync(api, "question_id,text,topic,exam\nq1,Any,T,\nq1,Own,,git-b\n");
        Assert.Equal("git-a Any T, git-b Own T", await ScalarAsync(
            api, "select string_agg(concat_ws(' ', base_exam_id, text, topic), ', ' order by base_exam_id) from questions where question_id = 'q1'"));
    }

    [Fact]
    public async Task Topics_are_sums_over_their_questions_as_SQL_has_them()
    {
        var api = await data.StartedAsync();
        var ids = (await api.GetAsync(Git))["exams"]!.AsArray().SelectMany(exam => exam!["questions"]!.AsArray())
            .Select(question => (string)question!["questionId"]!).Distinct().ToArray();
        await PutAsync(api, "question_id,topic,text\n" + string.Concat(ids.Select((id, place) => place % 3 == 2 ? "" : $"{id},T{place % 3},\n")));
        var questions = (await api.GetAsync(Git))["exams"]!.AsArray().SelectMany(exam => exam!["questions"]!.AsArray())
            .ToLookup(one => (string?)one!["topic"] ?? "");

        var topics = (await api.GetAsync("/api/courses/learning-git/topics"))["topics"]!.AsArray();
        Assert.Equal(["T0", "T1", null], topics.Select(topic => (string?)topic!["topic"]).Order(StringComparer.Ordinal).OrderBy(topic => topic is null));
        Assert.Null(topics[^1]!["topic"]);
        foreach (var topic in topics)
        {
            var of = questions[(string?)topic!["topic"] ?? ""].ToArray();
            Assert.Equal((of.Length, of.Sum(one => (long)one!["attempts"]!)), ((int)topic["questions"]!, (long)topic["answers"]!));
            Assert.Equal(of.Average(one => (double?)one!["itemRest"]), (double?)topic["meanItemRest"]);
            Assert.Equal(100.0 * of.Sum(one => (long)one!["correct"]!) / of.Sum(one => (long)one!["attempts"]!), (double)topic["facility"]!, 9);
            Assert.InRange((double)topic["facility"]!, (double)topic["facilityLow"]!, (double)topic["facilityHigh"]!);
        }

        var first = (await api.GetAsync("/api/courses/learning-git/topics?to=2018-03-31"))["topics"]!.AsArray()
            .First(topic => (string?)topic!["topic"] == "T0")!;
        Assert.Equal(
            await ScalarAsync(api, """
                select count(*)
                from (
                  select distinct user_exam_id, question_id, base_exam_id
                  from answers where course_slug = 'learning-git' and topic = 'T0' and started_at < '2018-04-01Z') asked
                """),
            first["answers"]!.ToString());
    }

    [Fact]
    public async Task Kept_answers_are_old_once_the_catalogue_changes()
    {
        using var first = await world.Api.Client.GetAsync("/api/catalogue", Cancel);
        await PutAsync(world.Api, "question_id,text\nq1,One");
        using var second = await world.Api.Client.GetAsync("/api/catalogue", Cancel);
        using var again = await world.Api.Client.GetAsync("/api/catalogue", Cancel);

        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(second.Headers.ETag, again.Headers.ETag);
        Assert.Contains("One", await again.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_thousand_rows_are_taken()
    {
        var file = new StringBuilder("question_id,option_id,text\n");
        for (var i = 0; i < 100_000; i++)
        {
            file.Append(CultureInfo.InvariantCulture, $"{i / 5},{(i % 5 == 0 ? "" : i % 5)},What is number {i} for?\n");
        }

        var state = await PutAsync(world.Api, file.ToString());
        Assert.Equal((20_000, 80_000, 100_000, 20),
            ((int)state["questions"]!, (int)state["options"]!, (int)state["unknownCount"]!, state["unknown"]!.AsArray().Count));
    }

    [Fact]
    public async Task The_page_takes_a_file_and_says_how_it_fits()
    {
        using var form = new MultipartFormDataContent();
        using var content = new ByteArrayContent("question_id,option_id,text\nq1,,What?\nq9,,Who?\n"u8.ToArray());
        form.Add(content, "file", "catalogue.csv");
        using var sent = await world.Api.Client.PostAsync("/questions/catalogue", form, Cancel);
        Assert.Equal((HttpStatusCode.Redirect, "/questions/catalogue"), (sent.StatusCode, sent.Headers.Location?.ToString()));
        var page = await world.Api.Client.GetStringAsync("/questions/catalogue", Cancel);
        Assert.Contains("In no exam: 1", page, StringComparison.Ordinal);
        Assert.Contains("<code>q9</code>", page, StringComparison.Ordinal);

        using var wrongForm = new MultipartFormDataContent();
        using var wrong = new ByteArrayContent("question_id,text\nq1"u8.ToArray());
        wrongForm.Add(wrong, "file", "catalogue.csv");
        using var refused = await world.Api.Client.PostAsync("/questions/catalogue", wrongForm, Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("Line 2, column 1", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var emptied = await world.Api.Client.PostAsync("/questions/catalogue/empty", content: null, Cancel);
        Assert.Equal(HttpStatusCode.Redirect, emptied.StatusCode);
        Assert.Contains("There is none", await world.Api.Client.GetStringAsync("/questions/catalogue", Cancel), StringComparison.Ordinal);
    }

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<string> MarkdownRowAsync(ApiServer api) =>
        (await api.Client.GetStringAsync("/report.md?course=learning-git", Cancel)).Split('\n').Single(line => line.Contains("1+1", StringComparison.Ordinal));

    private static async Task<string> ScalarAsync(ApiServer api, string query) =>
        (await api.GetAsync($"/api/sql?query={Uri.EscapeDataString(query)}"))["rows"]![0]!.AsObject().First().Value!.ToString();

    private static async Task<JsonNode> PutAsync(ApiServer api, string csv)
    {
        using var response = await SendAsync(api, Encoding.UTF8.GetBytes(csv));
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiServer api, byte[] csv)
    {
        using var content = new ByteArrayContent(csv);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return await api.Client.PutAsync("/api/catalogue", content, Cancel);
    }
}
