using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Assessments;

namespace Analytics.Tests.Assessments;

/// <summary>Holds docs/reference/event.md to the reader: every field that it has, and every value that the page says is taken or refused.</summary>
public sealed partial class EventDocumentTests
{
    public static TheoryData<string, string, string> Fields
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "reference", "event.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
            {
                var cells = line.Split(" | ");
                rows.Add(cells[0].Trim('|', ' ', '`'), cells[2], cells[3]);
            }

            return rows;
        }
    }

    [Fact]
    public void Every_field_of_an_event_has_its_row_and_no_other()
    {
        string[] fields =
        [
            .. Names<AttemptEvent>("", but: ["SequenceId", "Attempt", "Counts", "Questions"]), "sequences", "sequences.id", "sequences.attempt",
            "sequences.counts", .. Names<AttemptCounts>("sequences.counts."), "sequences.questions", .. Names<Question>("sequences.questions.", but: ["Options"]),
            "sequences.questions.options", .. Names<Option>("sequences.questions.options."),
        ];

        Assert.Equal(fields.Order(StringComparer.Ordinal), Fields.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void What_the_page_says_of_a_field_is_what_the_reader_does(string field, string taken, string refused)
    {
        Assert.All(Values(taken), value => Assert.Null(ReasonAgainst(Event(field, value))));
        Assert.NotEmpty(Values(refused));
        Assert.All(Values(refused), value => Assert.Contains(field.Split('.')[^1], ReasonAgainst(Event(field, value)) ?? $"{value} is taken", StringComparison.Ordinal));
    }

    [Fact]
    public void The_limits_that_the_page_names_are_the_readers()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "event.md"));

        Assert.Contains($"at most {EventLimits.TextLength} characters", page, StringComparison.Ordinal);
        Assert.Contains($"the questions in the order shown, at most {EventLimits.Questions:N0} ", page, StringComparison.Ordinal);
        Assert.Contains($"its options in the order shown, at most {EventLimits.Options:N0} ", page, StringComparison.Ordinal);
        Assert.Contains($"at most {EventLimits.Bytes:N0} bytes and {EventLimits.Depth} levels", page, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names<T>(string prefix, params string[] but) => typeof(T).GetProperties()
        .Where(property => !but.Contains(property.Name) && property.Name != "EqualityContract")
        .Select(property => prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));

    private static IEnumerable<string> Values(string cell) => Code().Matches(cell).Select(match => match.Groups[1].Value);

    /// <summary>An event that is right but for this field.</summary>
    private static string Event(string field, string value)
    {
        var path = field.Split('.');
        var json = $"\"{path[^1]}\":{value}";
        for (var i = path.Length - 2; i >= 0; i--)
        {
            json = path[i] is "questions" or "options" ? $"\"{path[i]}\":[{{{json}}}]" : $"\"{path[i]}\":{{{json}}}";
        }

        var ids = field switch { "keen_id" => "\"user_exam_id\":\"a\"", "user_exam_id" => "\"keen_id\":\"k\"", _ => "\"keen_id\":\"k\",\"user_exam_id\":\"a\"" };
        return $"{{{ids},{json}}}";
    }

    private static string? ReasonAgainst(string json)
    {
        try
        {
            AttemptEventReader.Read(Encoding.UTF8.GetBytes(json));
            return null;
        }
        catch (InvalidEventException invalid)
        {
            return invalid.Reason;
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
