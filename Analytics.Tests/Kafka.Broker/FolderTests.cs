using System.Reflection;
using System.Text.RegularExpressions;

namespace Analytics.Tests.Kafka.Broker;

public sealed partial class FolderTests
{
    /// <summary>Each may use those before it.</summary>
    private static readonly string[] Order = ["Files", "Protocol", "Log", "Settings", "Topics", "Groups", "Apis", "Server"];

    [Fact]
    public void The_brokers_folders_use_each_other_one_way_only()
    {
        var program = typeof(FolderTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "KafkaBrokerPath").Value!;
        var root = Path.GetFullPath(Path.Combine(program, "..", "..", "..", ".."));
        var files = 0;
        foreach (var file in Order.SelectMany(folder => Directory.GetFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)))
        {
            files++;
            var own = Array.IndexOf(Order, Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0]);
            Assert.All(
                Used().Matches(File.ReadAllText(file)),
                used => Assert.True(Array.IndexOf(Order, used.Groups[1].Value) < own, $"{file} uses {used.Groups[1].Value}"));
        }

        Assert.InRange(files, 50, 500);
    }

    [GeneratedRegex("^using Kafka\\.Broker\\.(\\w+);", RegexOptions.Multiline)]
    private static partial Regex Used();
}
