using System.Globalization;
using System.Text;
using Assessments;

namespace Analytics.Tests.Assessments;

/// <summary>What the field writes: values in other forms that have one clear meaning, envelopes, and messages of other formats.</summary>
public sealed class EventFormTests
{
    private const string Event = """{"keen_id":"k","user_exam_id":"a","exam_name":"Git"}""";

    [Theory]
    [InlineData("42", "42")]
    [InlineData("-7", "-7")]
    [InlineData("17.0", "17")]
    [InlineData("\"42\"", "42")]
    [InlineData("\"\"", null)]
    [InlineData("null", null)]
    public void A_whole_number_is_an_id_and_nothing_is_none(string json, string? id)
    {
        var read = Read($$$"""
            {"keen_id":"k","user_exam_id":"a","user_id":{{{json}}},"base_exam_id":{{{json}}},"exam_name":{{{json}}},
             "sequences":{"id":{{{json}}},"questions":[{"id":{{{json}}},"options":[{"id":{{{json}}}}]}]}}
            """);

        Assert.Equal((id, id, id, id), (read.UserId, read.BaseExamId, read.ExamName, read.SequenceId));
        Assert.Equal((id, id), (read.Questions[0].Id, read.Questions[0].Options[0].Id));
    }

    [Fact]
    public void The_ids_of_event_and_attempt_may_be_numbers()
    {
        var read = Read("""{"keen_id":5,"user_exam_id":17}""");

        Assert.Equal(("5", "17"), (read.KeenId, read.UserExamId));
    }

    [Theory]
    [InlineData("\"user_id\":4.5", "user_id at byte 44 is a number that is not whole, which is no id.")]
    [InlineData("\"user_id\":1e3", "user_id at byte 44 is a number that is not whole, which is no id.")]
    [InlineData("\"exam_name\":[\"a\"]", "exam_name at byte 46 is neither a string nor a whole number.")]
    [InlineData("\"base_exam_id\":{\"$oid\":\"5a\"}", "base_exam_id at byte 49 is neither a string nor a whole number.")]
    [InlineData("\"sequences\":{\"questions\":[{\"user_result\":1}]}", "questions.user_result at byte 75 is not a string.")]
    [InlineData("\"certification\":\"no\"", "certification at byte 50 is neither true nor false.")]
    [InlineData("\"max_attempts\":\"unlimited\"", "max_attempts at byte 49 is not a whole number of 32 bits.")]
    public void What_has_no_one_meaning_is_refused_by_the_field(string field, string reason) =>
        Assert.Equal(reason, ReasonAgainst($$"""{"keen_id":"k","user_exam_id":"a",{{field}}}"""));

    [Theory]
    [InlineData("\"2018-01-23T14:23Z\"", "2018-01-23T14:23:00.0000000Z")]
    [InlineData("\"2018-01-23T14:23\"", "2018-01-23T14:23:00.0000000Z")]
    [InlineData("\"2018-01-23 15:23:19 +01:00\"", "2018-01-23T14:23:19.0000000Z")]
    [InlineData("\"2018-01-23T15:23+01:00\"", "2018-01-23T14:23:00.0000000Z")]
    [InlineData("\"2018-01-23 14:23:19 UTC\"", "2018-01-23T14:23:19.0000000Z")]
    [InlineData("\"2018-01-23T15:23:19+01:00[Europe/Berlin]\"", "2018-01-23T14:23:19.0000000Z")]
    [InlineData("1516717399", "2018-01-23T14:23:19.0000000Z")]
    [InlineData("1516717399082", "2018-01-23T14:23:19.0820000Z")]
    [InlineData("\"1516717399082\"", "2018-01-23T14:23:19.0820000Z")]
    [InlineData("\" 1516717399.5 \"", "2018-01-23T14:23:19.5000000Z")]
    public void A_time_may_lack_seconds_have_an_offset_or_be_a_number(string json, string utc)
    {
        var read = Read($$"""{"keen_id":"k","user_exam_id":"a","started_at":{{json}},"keen_timestamp":{{json}}}""");

        Assert.Equal(utc, read.StartedAt!.Value.ToString("O", CultureInfo.InvariantCulture));
        Assert.Equal(read.StartedAt.Value, DateTime.UnixEpoch.AddTicks(read.KeenTimestamp!.Value));
    }

    [Theory]
    [InlineData("\"1516717442735266\"")]
    [InlineData("1516717442735266123")]
    public void Microseconds_are_refused_by_that_word(string json) => Assert.Equal(
        "keen_timestamp at byte 51 is in microseconds or nanoseconds, or no time; seconds or milliseconds since 1970 are expected.",
        ReasonAgainst($$"""{"keen_id":"k","user_exam_id":"a","keen_timestamp":{{json}}}"""));

    [Theory]
    [InlineData("2018-01-23")]
    [InlineData("01/23/2018 14:23:19")]
    [InlineData("2018-01-24T04:23:19+99:59")]
    [InlineData("2016-12-31T23:59:60Z")]
    public void A_time_that_can_not_be_told_is_refused_by_the_field(string text) =>
        Assert.StartsWith("started_at at byte ", ReasonAgainst($$"""{"keen_id":"k","user_exam_id":"a","started_at":"{{text}}"}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"1E1\"", 10)]
    [InlineData("1E1", 10)]
    [InlineData("\" 1\"", 1)]
    [InlineData("1.0", 1)]
    [InlineData("\"\"", null)]
    public void A_count_may_be_written_in_every_way_that_is_a_whole_number(string json, int? count) =>
        Assert.Equal(count, Read($$$$"""{"keen_id":"k","user_exam_id":"a","sequences":{"counts":{"total":{{{{json}}}}}}}""").Counts!.Total);

    [Theory]
    [InlineData("NaN", "NaN")]
    [InlineData("Infinity", "Infinity")]
    [InlineData("-Infinity", "Infinity")]
    public void What_Python_writes_for_no_number_is_named(string json, string word) => Assert.Matches(
        $"^{word} at byte 6[56] is no JSON number, though some programs write it: write null where a number is missing\\.$",
        ReasonAgainst($$$$"""{"keen_id":"k","user_exam_id":"a","sequences":{"counts":{"total":{{{{json}}}}}}}"""));

    [Fact]
    public void A_text_too_long_for_the_tables_is_refused_with_its_length_and_the_limit()
    {
        Assert.Equal(500, Read($$"""{"keen_id":"k","user_exam_id":"a","exam_name":"{{new string('é', 500)}}"}""").ExamName!.Length);
        Assert.Equal(
            "exam_name at byte 46 has 4000 characters; at most 500 are allowed.",
            ReasonAgainst($$"""{"keen_id":"k","user_exam_id":"a","exam_name":"{{new string('x', 4000)}}"}"""));
    }

    [Fact]
    public void More_questions_than_the_tables_number_are_refused()
    {
        string With(int questions) => $$$"""{"keen_id":"k","user_exam_id":"a","sequences":{"questions":[{{{string.Join(',', Enumerable.Repeat("{}", questions))}}}]}}""";

        Assert.Equal(32_767, Read(With(32_767)).Questions.Count);
        Assert.Equal("questions at byte 59 has 33000 entries; at most 32767 are allowed.", ReasonAgainst(With(33_000)));
    }

    [Fact]
    public void A_byte_order_mark_before_an_event_means_nothing() => Assert.Equal("k", Read("\uFEFF" + Event).KeenId);

    [Theory]
    [InlineData("""{"schema":{"type":"struct"},"payload":EVENT}""")]
    [InlineData("""{"schema":{"type":"string"},"payload":"ESCAPED"}""")]
    [InlineData("""{"payload":{"before":null,"after":EVENT,"op":"c"},"schema":{}}""")]
    [InlineData("""{"before":null,"after":EVENT,"source":{},"op":"u","ts_ms":1}""")]
    [InlineData("""{"after":"ESCAPED","op":"r"}""")]
    [InlineData("""{"specversion":"1.0","type":"t","source":"s","id":"1","data":EVENT}""")]
    [InlineData("""{"specversion":"1.0","type":"t","source":"s","id":"1","data_base64":"BASE64"}""")]
    [InlineData("""{"topic":"t","partition":0,"offset":7,"tstype":"create","ts":1,"key":"a","payload":"ESCAPED"}""")]
    public void An_envelope_gives_the_event_that_it_holds(string envelope)
    {
        var json = envelope.Replace("EVENT", Event, StringComparison.Ordinal)
            .Replace("ESCAPED", Event.Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("BASE64", Convert.ToBase64String(Encoding.UTF8.GetBytes(Event)), StringComparison.Ordinal);

        Assert.Equal(("k", "a", "Git"), (Read(json).KeenId, Read(json).UserExamId, Read(json).ExamName));
    }

    [Fact]
    public void A_schema_registrys_prefix_is_passed_by() =>
        Assert.Equal("k", AttemptEventReader.Read([0, 0, 0, 0, 7, .. Encoding.UTF8.GetBytes(Event)]).KeenId);

    [Theory]
    [InlineData("""{"schema":{},"payload":{"user_exam_id":"a"}}""", "In Kafka Connect's envelope: keen_id is missing.")]
    [InlineData("""{"op":"d","before":{},"after":null}""", "This is Debezium's envelope whose after holds no event.")]
    [InlineData("""{"topic":"t","partition":0,"offset":7,"payload":"not JSON"}""", "In kcat's envelope: The event is broken JSON, at byte 1.")]
    [InlineData("""{"specversion":"1.0","data":"\ud800"}""", "This is the CloudEvents envelope whose data holds no event.")]
    [InlineData("{}", "keen_id and user_exam_id are missing.")]
    public void An_envelope_that_holds_none_says_so(string json, string reason) => Assert.Equal(reason, ReasonAgainst(json));

    [Theory]
    [InlineData("""{"actor":{"mbox":"mailto:a@example.com"},"verb":{"id":"v"},"object":{"id":"o"},"id":"1"}""", "an xAPI statement")]
    [InlineData("""{"sensor":"https://example.edu/sensors/1","sendTime":"2018-01-23T14:23:19Z","data":[]}""", "a Caliper envelope")]
    [InlineData("""{"@context":"http://purl.imsglobal.org/ctx/caliper/v1p2","actor":{},"action":"Submitted"}""", "a Caliper event")]
    [InlineData("""{"username":"u","event_type":"problem_check","event":{"attempts":1}}""", "a line of an edX tracking log")]
    public void A_message_of_another_format_is_recognised(string json, string what) => Assert.Equal(
        $"This is {what}, not an event of this application: write its figures into the fields that docs/reference/event.md lists.",
        ReasonAgainst(json));

    private static AttemptEvent Read(string json) => AttemptEventReader.Read(Encoding.UTF8.GetBytes(json));

    private static string ReasonAgainst(string json) => Assert.Throws<InvalidEventException>(() => Read(json)).Reason;
}
