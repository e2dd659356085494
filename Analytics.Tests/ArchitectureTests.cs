using System.Text.RegularExpressions;

namespace Analytics.Tests;

/// <summary>
/// Arrows between the folders of a room go one way. Files at a room's own root, its Program above all, put the folders together and are none of them.
/// </summary>
public sealed partial class ArchitectureTests
{
    public static TheoryData<string, string> Rooms => new()
    {
        { "Analytics.Api", "Analytics.Api" },
        { "Assessments", "Assessments" },
        { "Ingest.Worker", "Ingest.Worker" },
        { "Native/Kafka.Broker", "Kafka.Broker" },
        { "Native/ZooKeeper", "ZooKeeper" },
        { "Native/Hosting", "Native.Hosting" },
        { "Benchmarks", "Benchmarks" },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Folders_of_a_room_refer_to_each_other_in_one_direction_only(string room, string rootNamespace)
    {
        var circles = Circles(References(Path.Combine(Repository.Root, room), rootNamespace));

        Assert.Empty(circles);
    }

    [Fact]
    public void The_library_of_statistics_refers_to_no_project_and_no_package()
    {
        var project = File.ReadAllText(Path.Combine(Repository.Root, "Statistics", "Statistics.csproj"));

        Assert.DoesNotContain("Reference", project, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("using Room.B;", true)]
    [InlineData("using static Room.B.Type;", true)]
    [InlineData("using Alias = Room.B.Type;", true)]
    [InlineData("class A { B.Type _b; }", true)]
    [InlineData("class A { Room.B.Type _b; }", true)]
    [InlineData("class A { int B; int Use(string text) => B.Other + text.B.Type; }", false)]
    [InlineData("// B.Type\n/// <see cref=\"B.Type\"/>", false)]
    [InlineData("using Room.Bees;", false)]
    public void A_reference_is_seen_however_it_is_written(string source, bool isSeen)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.CreateSubdirectory("A").FullName, "A.cs"), $"{source}\n");
            File.WriteAllText(
                Path.Combine(folder.CreateSubdirectory("B").FullName, "B.cs"), "using Room.A;\nnamespace Room.B;\ninternal sealed record Type;\n");

            Assert.Equal(isSeen ? ["A → B → A"] : [], Circles(References(folder.FullName, "Room")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Which folders each folder of a room names: in a using, which the build keeps free of unneeded ones, or before a type's name.</summary>
    private static Dictionary<string, string[]> References(string room, string rootNamespace)
    {
        var sources = Directory.GetDirectories(room).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"))
            .ToDictionary(
                folder => Path.GetFileName(folder),
                folder =>
                    Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories).Select(file => Comment().Replace(File.ReadAllText(file), "")).ToArray());
        var types = sources.ToDictionary(
            folder => folder.Key, folder =>
                folder.Value.SelectMany(source => Declaration().Matches(source)).Select(match => match.Groups["name"].Value).Distinct().ToArray());
        return sources.ToDictionary(
            from => from.Key, from => sources.Keys.Where(to => to != from.Key && from.Value.Any(source => Names(source, to))).ToArray());

        bool Names(string source, string folder)
        {
            var space = Regex.Escape($"{rootNamespace}.{folder}");
            return Regex.IsMatch(source, $@"^\s*using (static |\w+ = )?{space}[.;]", RegexOptions.Multiline)
                || (types[folder].Length > 0 && Regex.IsMatch(source, $@"((?<![\w.]){Regex.Escape(folder)}|\b{space})\.({string.Join('|', types[folder])})\b"));
        }
    }

    /// <summary>A way round for each set of folders that reach each other.</summary>
    private static List<string> Circles(Dictionary<string, string[]> references)
    {
        var circles = new List<string>();
        var told = new HashSet<string>();
        foreach (var start in references.Keys.Order(StringComparer.Ordinal).Where(folder => !told.Contains(folder)))
        {
            if (WayRound(start, references) is { } way)
            {
                circles.Add(string.Join(" → ", way));
                told.UnionWith(way);
            }
        }

        return circles;
    }

    // The shortest, breadth first.
    private static List<string>? WayRound(string start, Dictionary<string, string[]> references)
    {
        var ways = new Queue<List<string>>([[start]]);
        var seen = new HashSet<string>();
        while (ways.TryDequeue(out var way))
        {
            foreach (var next in references[way[^1]])
            {
                if (next == start)
                {
                    return [.. way, start];
                }

                if (seen.Add(next))
                {
                    ways.Enqueue([.. way, next]);
                }
            }
        }

        return null;
    }

    [GeneratedRegex("^\\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(record struct|record class|class|record|struct|interface|enum)\s+(?<name>\w+)")]
    private static partial Regex Declaration();
}
