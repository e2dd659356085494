using System.Globalization;

namespace Data.Generator;

/// <summary>The published figures of the real data set, as data/facts restates them.</summary>
public static class Facts
{
    private static readonly Dictionary<string, string> Figures =
        Lines("figures.csv").Skip(1).ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);

    /// <summary>What is known of each course, the most taken first.</summary>
    public static IReadOnlyList<CourseFacts> Courses { get; } = [.. Lines("exam-counts.csv").Skip(1).Select(CourseFacts.Parse)];

    /// <summary>One published figure as a whole number.</summary>
    /// <param name="name">Its name in data/facts/figures.csv.</param>
    public static int Whole(string name) => int.Parse(Figures[name], CultureInfo.InvariantCulture);

    /// <summary>One published figure as a decimal number, with the decimals it was published with.</summary>
    /// <param name="name">Its name in data/facts/figures.csv.</param>
    public static double Number(string name) => double.Parse(Figures[name], CultureInfo.InvariantCulture);

    /// <summary>One published figure as a day.</summary>
    /// <param name="name">Its name in data/facts/figures.csv.</param>
    public static DateOnly Day(string name) => DateOnly.ParseExact(Figures[name], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static IEnumerable<string[]> Lines(string file)
    {
        using var stream = typeof(Facts).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            yield return Fields(line);
        }
    }

    /// <summary>The fields of a line of CSV; a quoted one may hold commas.</summary>
    private static string[] Fields(string line)
    {
        if (line[0] != '"')
        {
            return line.Split(',');
        }

        var close = line.IndexOf('"', 1);
        return [line[1..close], .. line[(close + 2)..].Split(',')];
    }
}

/// <summary>What is known of one course.</summary>
/// <param name="Name">The name of the course, the event's exam_name.</param>
/// <param name="Messages">Messages, redelivered ones included.</param>
/// <param name="Attempts">Distinct attempts.</param>
/// <param name="Redelivered">Attempts that came more than once, each equally often.</param>
/// <param name="ExamIds">Exam ids under which the course was taken.</param>
/// <param name="Questions">Questions an attempt has; 0 where its events have no questions and counts.</param>
/// <param name="Correct">The sum of counts.correct over the messages.</param>
public sealed record CourseFacts(string Name, int Messages, int Attempts, int Redelivered, int ExamIds, int Questions, int Correct)
{
    /// <summary>How often each redelivered attempt came.</summary>
    public int Deliveries => Redelivered == 0 ? 1 : 1 + (Messages - Attempts) / Redelivered;

    internal static CourseFacts Parse(string[] fields)
    {
        int Number(int i) => fields[i].Length == 0 ? 0 : int.Parse(fields[i], CultureInfo.InvariantCulture);
        return new CourseFacts(fields[0], Number(1), Number(2), Number(3), Number(4), Number(5), Number(6));
    }
}
