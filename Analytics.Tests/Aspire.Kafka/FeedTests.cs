using System.Text.Json;
using System.Xml.Linq;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>
/// Where Aspire's Kafka packages come from: the first restore asks the feed. A copy of the build's own files is restored against feeds that
/// are folders; what else it needs is in this machine's cache. The whole application on such a feed: <c>eng/check-aspire-packages</c>.
/// </summary>
public sealed class FeedTests(FolderFeed feed) : IClassFixture<FolderFeed>
{
    private const string Both = "Aspire.Confluent.Kafka Aspire.Hosting.Kafka";

    [Theory]
    [InlineData(Both, "none", Both, "", Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData("Aspire.Hosting.Kafka", "Aspire.Confluent.Kafka", "Aspire.Hosting.Kafka", "Aspire.Confluent.Kafka")]
    [InlineData(
        "Aspire.Confluent.Kafka", "Aspire.Hosting.Kafka", "Aspire.Confluent.Kafka", "Aspire.Hosting.Kafka",
        Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData("", "all", "", Both, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task What_the_feed_has_is_the_package_and_what_it_lacks_is_the_stand_in(string has, string answer, string packages, string standIns)
    {
        using var copy = new RepositoryCopy(await feed.WithAsync(has.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        var (exitCode, output) = await copy.RestoreAsync();

        Assert.True(exitCode == 0, output);
        Assert.Equal(answer, copy.Answer);
        Assert.Equal((packages, standIns), (copy.Resolved("package"), copy.Resolved("project")));
    }

    [Theory]
    [InlineData("none", Both, "", Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData("all", "", Both)]
    public async Task A_property_decides_without_asking_the_feed(string choice, string packages, string standIns)
    {
        using var copy = new RepositoryCopy(await feed.WithAsync(Both.Split(' ')));

        var (exitCode, output) = await copy.RestoreAsync($"-p:AspireStandIns={choice}");

        Assert.True(exitCode == 0, output);
        Assert.Null(copy.Answer);
        Assert.Equal((packages, standIns), (copy.Resolved("package"), copy.Resolved("project")));
    }

    [Fact]
    public async Task A_feed_that_can_t_be_reached_decides_nothing()
    {
        using var copy = new RepositoryCopy("http://127.0.0.1:9/index.json");

        var (exitCode, output) = await copy.RestoreAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains("has Aspire's Kafka packages, so nothing was decided", output, StringComparison.Ordinal);
        Assert.Contains("-p:AspireStandIns=none|all", output, StringComparison.Ordinal);
        Assert.Null(copy.Answer);
    }

    /// <summary>What a restore reads of the repository, with one project that needs both packages.</summary>
    private sealed class RepositoryCopy : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public RepositoryCopy(string source)
        {
            (string Folder, string Files)[] parts =
            [
                (".", "Directory.*"), (".", "global.json"), ("eng", "*"), ("eng/AspireProbe", "*"),
                ("Native/Aspire.Hosting.Kafka", "*.csproj"), ("Native/Aspire.Confluent.Kafka", "*.csproj"),
            ];
            foreach (var file in parts.SelectMany(part => Directory.GetFiles(Path.Combine(Repository.Root, part.Folder), part.Files)))
            {
                var target = _folder.In(Path.GetRelativePath(Repository.Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            Directory.CreateDirectory(_folder.In("User"));
            File.WriteAllText(_folder.In("User/User.csproj"), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <ItemGroup>
                    <AspireReference Include="Aspire.Hosting.Kafka" />
                    <AspireReference Include="Aspire.Confluent.Kafka" />
                    <PackageReference Include="Nerdbank.MessagePack" />
                    <PackageReference Include="Polly.Core" />
                  </ItemGroup>
                </Project>
                """);
            File.WriteAllText(_folder.In("nuget.config"), $"""
                <configuration>
                  <packageSources>
                    <clear />
                    <add key="only" value="{source}" allowInsecureConnections="true" />
                  </packageSources>
                </configuration>
                """);
        }

        /// <summary>What the first restore kept; null if it kept nothing.</summary>
        public string? Answer => File.Exists(_folder.In(".aspire/source.props"))
            ? XDocument.Load(_folder.In(".aspire/source.props")).Descendants("AspireStandIns").Single().Value
            : null;

        /// <summary>Which of the two the project got as a package, or as a project.</summary>
        public string Resolved(string type)
        {
            using var assets = JsonDocument.Parse(File.ReadAllText(_folder.In("User/obj/project.assets.json")));
            return string.Join(' ', assets.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == type)
                .Select(library => library.Name.Split('/')[0])
                .Intersect(Both.Split(' '))
                .Order(StringComparer.Ordinal));
        }

        /// <summary>Restores into a cache of its own, which falls back to this machine's.</summary>
        public Task<(int ExitCode, string Output)> RestoreAsync(params string[] arguments) => DotNet.RunAsync(
            ["restore", _folder.In("User"), "--nologo", .. arguments],
            ("NUGET_PACKAGES", _folder.In("packages")), ("NUGET_FALLBACK_PACKAGES", DotNet.PackageCache),
            ("NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT", "1"));

        public void Dispose() => _folder.Dispose();
    }
}
