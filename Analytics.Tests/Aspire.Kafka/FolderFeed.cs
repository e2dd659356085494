using System.Xml.Linq;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>The stand-ins packed under the released packages' names and our version of Aspire, once for all tests.</summary>
public sealed class FolderFeed : IDisposable
{
    private static readonly string[] Ids = ["Aspire.Hosting.Kafka", "Aspire.Confluent.Kafka"];

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _packed;

    public FolderFeed() => _packed = new(PackAsync);

    /// <summary>A folder feed that has these packages and no other.</summary>
    public async Task<string> WithAsync(params string[] ids)
    {
        var packed = await _packed.Value;
        var feed = Directory.CreateDirectory(_folder.In($"{Guid.NewGuid():N}")).FullName;
        foreach (var package in ids.Select(id => Directory.GetFiles(packed, $"{id}.*.nupkg").Single()))
        {
            File.Copy(package, Path.Combine(feed, Path.GetFileName(package)));
        }

        return feed;
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> PackAsync()
    {
        var version = XDocument.Load(Path.Combine(Repository.Root, "eng", "AspireVersion.props")).Descendants("AspireVersion").Single().Value;
        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(Repository.Output("AppHost", "AppHost.dll"))));
        foreach (var id in Ids)
        {
            var (exitCode, output) = await DotNet.RunAsync(
            [
                "pack", Path.Combine(Repository.Root, "Native", id), "--no-build", "-c", configuration!,
                "-o", _folder.In("packed"), $"-p:Version={version}", "--nologo",
            ]);
            Assert.True(exitCode == 0, output);
        }

        return _folder.In("packed");
    }
}
