using System.Diagnostics;

namespace Analytics.Tests.ZooKeeper;

/// <summary>A wrong start is one sentence and exit code 2.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("needs --data", "Option '--data' is required", "--listen", "127.0.0.1:0")]
    [InlineData("an address that is none", "'nowhere:1' needs an IP address", "--data", "x", "--listen", "nowhere:1")]
    [InlineData("an open address", "--insecure", "--data", "x", "--listen", "0.0.0.0:0")]
    [InlineData("an unknown setting", "The server has no setting 'nothing'; it has tickTime", "--data", "x", "--set", "nothing=1")]
    [InlineData("a wrong value", "tickTime can't be 'soon': it is a whole number", "--data", "x", "--set", "tickTime=soon")]
    [InlineData("bounds that cross", "minSessionTimeout (9 ms) can't be more than maxSessionTimeout (5 ms)", "--data", "x", "--set", "minSessionTimeout=9",
        "--set", "maxSessionTimeout=5")]
    public async Task A_wrong_option_is_one_sentence(string wrong, string sentence, params string[] options)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Repository.Output("Native/ZooKeeper", "ZooKeeper.dll"), .. options])
        {
            RedirectStandardError = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.Equal((wrong, 2), (wrong, process.ExitCode));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_taken_port_or_folder_is_said()
    {
        await using var server = await ServerProcess.StartAsync();
        var other = Directory.CreateTempSubdirectory("zookeeper-");
        foreach (var (folder, listen, sentence) in ((string, string, string)[])
            [(other.FullName, server.Address, "give another address or port with --listen"),
                (server.DataFolder, "127.0.0.1:0", "stop the server that uses it")])
        {
            using var process = Process.Start(ServerProcess.CommandLine(folder, listen))!;
            var error = await process.StandardError.ReadToEndAsync(Stop);
            await process.WaitForExitAsync(Stop);
            Assert.Equal(2, process.ExitCode);
            Assert.Contains(sentence, error, StringComparison.Ordinal);
        }

        other.Delete(recursive: true);
        Assert.Equal(0, await server.StopAsync());
    }
}
