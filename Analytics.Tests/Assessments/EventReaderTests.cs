using System.Text;
using Assessments;

namespace Analytics.Tests.Assessments;

public sealed class EventReaderTests
{
    private const string NoTime = "is neither an ISO 8601 date and time nor a number of seconds or milliseconds since 1970, within the years 1 to 9999.";

    private const string Ids = "\"keen_id\":\"5a6\",\"user_exam_id\":\"6d4\"";

    [Fact]
    public void An_event_is_read_whole()
    {
        var read = Read("""
            {"keen_timestamp":"1516717442.735266","max_attempts":"1.0","started_at":"2018-01-23T14:23:19.082Z","base_exam_id":"exam","user_exam_id":"attempt",
             "sequences":{"questions":[{"user_incomplete":true,"user_correct":false,"options":[
                {"checked":true,"at":"2018-01-23T14:23:24.670Z","id":"a","submitted":1,"correct":true},{"checked":false,"correct":true,"id":"b"}],
               "user_submitted":true,"id":"q","user_result":"missed_some"}],"attempt":1,"id":"sequence",
              "counts":{"incomplete":1,"submitted":4,"incorrect":1,"all_correct":false,"correct":2,"total":5,"unanswered":1}},
             "keen_created_at":"1516717443","certification":"false","keen_id":"event","exam_name":"Learning Git","user_id":"someone"}
            """);

        Assert.Equal(("event", "attempt", "exam", "Learning Git", "someone"), (read.KeenId, read.UserExamId, read.BaseExamId, read.ExamName, read.UserId));
        Assert.Equal((15167174427352660L, 15167174430000000L), (read.KeenTimestamp, read.KeenCreatedAt));
        Assert.Equal(new DateTime(2018, 1, 23, 14, 23, 19, 82, DateTimeKind.Utc), read.StartedAt);
        Assert.Equal(DateTimeKind.Utc, read.StartedAt!.Value.Kind);
        Assert.False(read.Certification);
        Assert.Equal((1, 1, "sequence"), (read.MaxAttempts, read.Attempt, read.SequenceId));
        Assert.Equal(new AttemptCounts(Total: 5, Correct: 2, Incorrect: 1, Incomplete: 1, Submitted: 4, Unanswered: 1, AllCorrect: false), read.Counts);
        var question = Assert.Single(read.Questions);
        Assert.Equal(("q", "missed_some", false, true, true),
            (question.Id, question.UserResult, question.UserCorrect, question.UserIncomplete, question.UserSubmitted));
        Assert.Equal(
            [
                new Option("a", Checked: true, Correct: true, Submitted: true, new DateTime(2018, 1, 23, 14, 23, 24, 670, DateTimeKind.Utc)),
                new Option("b", Checked: false, Correct: true, Submitted: null, At: null),
            ],
            question.Options);
    }

    [Fact]
    public void An_event_needs_only_its_two_ids()
    {
        var read = Read($"{{{Ids}}}");

        Assert.Equal(
            new AttemptEvent { KeenId = "5a6", UserExamId = "6d4" }, read with { Questions = new AttemptEvent { KeenId = "", UserExamId = "" }.Questions });
        Assert.Empty(read.Questions);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"counts\":null,\"questions\":null}")]
    [InlineData("{\"questions\":[]}")]
    [InlineData("{\"questions\":[{}],\"questions\":[]}")]
    [InlineData("{\"something\":[{\"id\":[]}],\"else\":{\"counts\":\"x\"}}")]
    public void Parts_that_are_missing_null_empty_or_unknown_leave_nothing(string sequences)
    {
        var read = Read($"{{{Ids},\"sequences\":{sequences},\"unknown\":{{\"a\":[1,{{}}]}}}}");

        Assert.Null(read.Counts);
        Assert.Empty(read.Questions);
    }

    [Fact]
    public void Of_a_name_that_comes_twice_the_last_one_holds()
    {
        var read = Read($$$"""{{{{Ids}}},"exam_name":"a","sequences":{"id":"x","counts":{"total":3}},"exam_name":"b","keen_id":"new","sequences":{"attempt":2}}""");

        Assert.Equal(("new", "b", 2, null, null), (read.KeenId, read.ExamName, read.Attempt, read.SequenceId, read.Counts));
    }

    [Fact]
    public void Escaped_names_and_values_are_the_same_as_plain_ones()
    {
        var read = Read("""{"keen\u005fid":"\u0061\/\ud83d\ude00","user_exam_id":"b","started_at":"2018-01-23T14\u003a23:19Z","exam_name":"C\u0023 \"x\""}""");

        Assert.Equal(("a/😀", "C# \"x\""), (read.KeenId, read.ExamName));
        Assert.Equal(new DateTime(2018, 1, 23, 14, 23, 19, DateTimeKind.Utc), read.StartedAt);
    }

    [Theory]
    [InlineData("\"1516717442.735266\"", 15167174427352660)]
    [InlineData("\"1516738921.1137421\"", 15167389211137421)]
    [InlineData("\"1516738921.11374219\"", 15167389211137421)]
    [InlineData("1516717442.735266", 15167174427352660)]
    [InlineData("\"1.516717442735266E9\"", 15167174427352660)]
    [InlineData("1516717442", 15167174420000000)]
    [InlineData("\"0\"", 0)]
    [InlineData("-1.5", -15000000)]
    [InlineData("253402300799.9999999", 2534023007999999999)]
    public void Epoch_seconds_are_exact_to_100_ns(string json, long ticks)
    {
        Assert.Equal(ticks, Read($"{{{Ids},\"keen_timestamp\":{json}}}").KeenTimestamp);
        Assert.Equal(ticks, Read($"{{{Ids},\"keen_created_at\":{json}}}").KeenCreatedAt);
    }

    [Theory]
    [InlineData("2018-01-23T14:23:19.082Z", "2018-01-23T14:23:19.0820000")]
    [InlineData("2018-01-23T14:23:19Z", "2018-01-23T14:23:19.0000000")]
    [InlineData("2018-01-23t14:23:19.12345678z", "2018-01-23T14:23:19.1234567")]
    [InlineData("2018-01-23 14:23:19,5", "2018-01-23T14:23:19.5000000")]
    [InlineData("2018-01-23T14:23:19+02:00", "2018-01-23T12:23:19.0000000")]
    [InlineData("2018-01-01T00:15:00-0130", "2018-01-01T01:45:00.0000000")]
    [InlineData("2018-01-01T00:15:00+01", "2017-12-31T23:15:00.0000000")]
    [InlineData("2016-02-29T23:59:59Z", "2016-02-29T23:59:59.0000000")]
    public void Times_become_UTC(string text, string utc)
    {
        var time = Read($"{{{Ids},\"started_at\":\"{text}\"}}").StartedAt!.Value;

        Assert.Equal(utc + "Z", time.ToString("O"));
    }

    [Theory]
    [InlineData("\"true\"", true)]
    [InlineData("\"TRUE\"", true)]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("\"false\"", false)]
    [InlineData("\"False\"", false)]
    [InlineData("false", false)]
    [InlineData("\"\"", false)]
    [InlineData("null", false)]
    public void Certification_may_be_a_word_or_a_string(string json, bool certification) =>
        Assert.Equal(certification, Read($"{{{Ids},\"certification\":{json}}}").Certification);

    [Theory]
    [InlineData("\"1.0\"", 1)]
    [InlineData("3", 3)]
    [InlineData("2.00", 2)]
    [InlineData("null", null)]
    public void Max_attempts_is_a_whole_number(string json, int? attempts) =>
        Assert.Equal(attempts, Read($"{{{Ids},\"max_attempts\":{json}}}").MaxAttempts);

    [Theory]
    [InlineData("", "The event is empty.")]
    [InlineData(" \n", "The event is empty.")]
    [InlineData("[]", "The event is not a JSON object.")]
    [InlineData("3", "The event is not a JSON object.")]
    [InlineData("\"x\"", "The event is not a JSON object.")]
    [InlineData("null", "The event is not a JSON object.")]
    [InlineData("{", "The event is JSON that ends too early, at byte 1.")]
    [InlineData("{\"a\":tru}", "The event is broken JSON, at byte 8.")]
    [InlineData("{\n\"a\":1,\n\"b\":.5}", "The event is broken JSON, at byte 13.")]
    [InlineData("{\"keen_id\":\"a\",\"user_exam_id\":\"b\"} x", "The event is followed by something else, at byte 35.")]
    [InlineData("{\"keen_id\":\"a\",\"user_exam_id\":\"b\"}{}", "The event is followed by something else, at byte 34.")]
    [InlineData("{\"keen_id\":\"a\"}", "user_exam_id is missing.")]
    [InlineData("{\"user_exam_id\":\"a\"}", "keen_id is missing.")]
    [InlineData("{\"keen_id\":null,\"user_exam_id\":\"a\"}", "keen_id is missing.")]
    [InlineData("{\"keen_id\":\"\",\"user_exam_id\":\"a\"}", "keen_id is empty.")]
    [InlineData("{\"keen_id\":\"a\",\"keen_id\":null,\"user_exam_id\":\"a\"}", "keen_id is missing.")]
    public void What_is_no_event_says_why(string json, string reason) => Assert.Equal(reason, ReasonAgainst(json));

    [Theory]
    [InlineData("\"started_at\":\"yesterday\"", $"started_at at byte 51 {NoTime}")]
    [InlineData("\"started_at\":\"2018-02-30T00:00:00Z\"", $"started_at at byte 51 {NoTime}")]
    [InlineData("\"started_at\":\"2018-01-23T24:00:00Z\"", $"started_at at byte 51 {NoTime}")]
    [InlineData("\"started_at\":\"2018-01-23T14:23:19.Z\"", $"started_at at byte 51 {NoTime}")]
    [InlineData("\"started_at\":\"2018-01-23T14:23:19+25:00\"", $"started_at at byte 51 {NoTime}")]
    [InlineData("\"started_at\":\"0001-01-01T00:00:00+01:00\"", $"started_at at byte 51 {NoTime}")]
    [InlineData("\"keen_timestamp\":\"NaN\"", $"keen_timestamp at byte 55 {NoTime}")]
    [InlineData("\"keen_timestamp\":\"1516717442735\"", null)]
    [InlineData("\"keen_timestamp\":99999999999999999999999999999999", $"keen_timestamp at byte 55 {NoTime}")]
    [InlineData("\"keen_timestamp\":\"1.\"", null)]
    [InlineData("\"keen_timestamp\":\"\"", null)]
    [InlineData("\"keen_timestamp\":\"1 \"", null)]
    [InlineData("\"certification\":\"maybe\"", "certification at byte 54 is neither true nor false.")]
    [InlineData("\"certification\":[]", "certification at byte 54 is neither a string nor a number.")]
    [InlineData("\"max_attempts\":\"many\"", "max_attempts at byte 53 is not a whole number of 32 bits.")]
    [InlineData("\"max_attempts\":1.5", "max_attempts at byte 53 is not a whole number of 32 bits.")]
    [InlineData("\"max_attempts\":4294967296", "max_attempts at byte 53 is not a whole number of 32 bits.")]
    [InlineData("\"sequences\":[]", "sequences at byte 50 is not an object.")]
    [InlineData("\"sequences\":{\"counts\":\"x\"}", "counts at byte 60 is not an object.")]
    [InlineData("\"sequences\":{\"counts\":{\"total\":-1}}", "counts.total at byte 69 is negative.")]
    [InlineData("\"sequences\":{\"counts\":{\"total\":3,\"correct\":4}}", "counts at byte 60 has more correct answers than questions in total.")]
    [InlineData("\"sequences\":{\"attempt\":9223372036854775808}", "sequences.attempt at byte 61 is not a whole number of 32 bits.")]
    [InlineData("\"sequences\":{\"questions\":{}}", "questions at byte 63 is not an array.")]
    [InlineData("\"sequences\":{\"questions\":[1]}", "questions at byte 64 holds something that is not an object.")]
    [InlineData("\"sequences\":{\"questions\":[{\"options\":[null]}]}", "options at byte 76 holds something that is not an object.")]
    [InlineData("\"sequences\":{\"questions\":[{\"options\":[{\"at\":\"x\"}]}]}", $"options.at at byte 82 {NoTime}")]
    [InlineData("\"exam_name\":\"a\\u0000b\"", "exam_name at byte 50 holds the character U+0000, which the database can't store.")]
    [InlineData("\"exam_name\":\"a\\ud800b\"", "exam_name at byte 50 holds half of a surrogate pair, which is no character.")]
    [InlineData("\"\\udc00\":1", "event at byte 38 holds half of a surrogate pair, which is no character.")]
    public void A_value_that_cannot_be_read_makes_the_event_invalid(string field, string? reason)
    {
        var json = $"{{{Ids},{field}}}";

        Assert.Equal(reason, reason is null ? null : ReasonAgainst(json));
        if (reason is null)
        {
            Read(json);
        }
    }

    [Fact]
    public void Depth_is_limited_also_in_unknown_fields()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100_000));

        Assert.Equal("The event is nested more than 64 levels deep, at byte 68.", ReasonAgainst($"{{\"a\":{deep}"));
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    public void Invalid_UTF_8_is_told_with_its_place_wherever_it_is(byte[] invalid)
    {
        byte[] json = [.. Encoding.UTF8.GetBytes($"{{{Ids},\"unknown\":\"é"), .. invalid, .. "\"}"u8];

        Assert.Equal("The event is not valid UTF-8 at byte 51.", Assert.Throws<InvalidEventException>(() => AttemptEventReader.Read(json)).Reason);
    }

    [Fact]
    public void Broken_bytes_never_do_anything_but_say_so()
    {
        var whole = Encoding.UTF8.GetBytes($$$"""{{{{Ids}}},"keen_timestamp":"1.5","sequences":{"counts":{"total":3},"questions":[{"options":[{"at":"2018-01-23T14:23:19Z"}]}]}}""");
        for (var i = 0; i < whole.Length; i++)
        {
            Assert.Throws<InvalidEventException>(() => AttemptEventReader.Read(whole.AsSpan(0, i)));
            foreach (var b in "\0\"{}[],:\\xé\n"u8)
            {
                byte[] changed = [.. whole];
                changed[i] = b;
                Assert.True(IsReadOrRefused(changed));
            }
        }
    }

    private static bool IsReadOrRefused(byte[] json)
    {
        try
        {
            var read = AttemptEventReader.Read(json);
            return read.KeenId.Length > 0;
        }
        catch (InvalidEventException invalid)
        {
            return invalid.Reason.EndsWith('.');
        }
    }

    private static AttemptEvent Read(string json) => AttemptEventReader.Read(Encoding.UTF8.GetBytes(json));

    private static string ReasonAgainst(string json) => Assert.Throws<InvalidEventException>(() => Read(json)).Reason;
}
