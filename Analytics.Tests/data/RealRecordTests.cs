using System.Text.Json;
using System.Text.RegularExpressions;
using Assessments;

namespace Analytics.Tests.Data;

/// <summary>Holds the reader and the data set against ten records of the real one, where they lie beside the repository.</summary>
public sealed partial class RealRecordTests(DataSetFile dataSet) : IClassFixture<DataSetFile>
{
    private static string Records { get; } = Path.Combine(Repository.Root, "../shared/reference/attempts-sample.ndjson");

    [Fact]
    public async Task Real_records_are_read_without_loss()
    {
        Assert.SkipUnless(File.Exists(Records), "The real records are not on this machine.");

        var records = 0;
        await using var file = await EventFile.UncompressAsync(File.OpenRead(Records), TestContext.Current.CancellationToken);
        await foreach (var slice in EventFile.ReadAsync(file, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Null(slice.Fault);
            var read = AttemptEventReader.Read(slice.Bytes.Span);
            Assert.Equal(read.Counts!.Total, read.Questions.Count);
            Assert.Equal(read.Counts.Correct, read.Questions.Count(question => question.UserResult == "correct"));
            Assert.All(read.Questions.SelectMany(question => question.Options), option => Assert.Equal(option.Checked, option.Submitted ?? false));
            Assert.NotNull(read.StartedAt);
            Assert.Equal(read.KeenTimestamp!.Value / TimeSpan.TicksPerSecond, Convert.ToInt64(read.KeenId[..8], 16));
            records++;
        }

        Assert.Equal(10, records);
    }

    [Fact]
    public void The_data_set_has_the_shapes_of_the_real_records()
    {
        Assert.SkipUnless(File.Exists(Records), "The real records are not on this machine.");

        var real = new HashSet<string>();
        foreach (var line in File.ReadLines(Records))
        {
            using var record = JsonDocument.Parse(line);
            AddShapes(record.RootElement, "", real);
        }

        var made = new HashSet<string>();
        Array.ForEach(dataSet.Messages, message => AddShapes(message, "", made));

        Assert.Empty(real.Except(made));
    }

    /// <summary>The members of each object and the kind of each value, by their path.</summary>
    private static void AddShapes(JsonElement element, string path, HashSet<string> shapes)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                shapes.Add(path + " has " + string.Join(",", element.EnumerateObject().Select(member => member.Name).Order()));
                foreach (var member in element.EnumerateObject())
                {
                    AddShapes(member.Value, $"{path}.{member.Name}", shapes);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    AddShapes(item, path + "[]", shapes);
                }

                break;
            case JsonValueKind.String:
                shapes.Add($"{path} is {Kind(element.GetString()!)}");
                break;
            default:
                shapes.Add($"{path} is {element.ValueKind}");
                break;
        }
    }

    private static string Kind(string text) =>
        Uuid().Match(text) is { Success: true } uuid ? "a UUID of version " + uuid.Groups[1].Value
        : KeenId().IsMatch(text) ? "a keen_id"
        : Iso8601().IsMatch(text) ? "a time in milliseconds"
        : Seconds().Match(text) is { Success: true } seconds ? $"seconds with {seconds.Groups[1].Length} decimals"
        : text.Length < 16 && text.All(c => c is >= 'a' and <= 'z' or '_') ? text
        : "text";

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    private static partial Regex Uuid();

    [GeneratedRegex("^[0-9a-f]{14}0001[0-9a-f]{6}$")]
    private static partial Regex KeenId();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Iso8601();

    [GeneratedRegex(@"^\d{10}\.(\d+)$")]
    private static partial Regex Seconds();
}
