using System.Diagnostics;

namespace Analytics.Tests.Kafka.Broker;

public sealed class CommandLineTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--partitions", "0")]
    [InlineData("--partitions", "many")]
    [InlineData("--set", "no.such.property=1")]
    [InlineData("--set", "num.partitions")]
    [InlineData("--listen", "nowhere")]
    [InlineData("--listen", "localhost:99999")]
    [InlineData("--advertise", "somewhere")]
    [InlineData("--color", "blue")]
    [InlineData("--partitions")]
    [InlineData("--listen", "0.0.0.0:0")]
    public async Task A_wrong_option_is_one_sentence_and_exit_code_2(params string[] options)
    {
        var (code, output, error) = await RunAsync(["--data", "never-made", .. options]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists("never-made"));
    }

    [Fact]
    public async Task Without_a_folder_it_says_which_option_is_missing()
    {
        var (code, _, error) = await RunAsync([]);
        Assert.Equal(2, code);
        Assert.Contains("--data", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var (code, output, _) = await RunAsync(["--help"]);
        Assert.Equal(0, code);
        Assert.All(
            ["--data", "--listen", "--advertise", "--insecure", "--partitions", "--auto-create", "--message-max-bytes", "--set"],
            option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_address_than_loopback_is_listened_on_only_if_that_is_said()
    {
        var folder = Directory.CreateTempSubdirectory("kafka-broker-").FullName;
        var (_, _, refused) = await RunAsync(["--data", folder, "--listen", "0.0.0.0:0"]);
        Assert.Contains("--insecure", refused, StringComparison.Ordinal);

        using var open = Start(["--data", folder, "--listen", "0.0.0.0:0", "--insecure"]);
        Assert.Contains("listening on 0.0.0.0:", await open.StandardOutput.ReadLineAsync(Stop), StringComparison.Ordinal);
        open.Kill();
        await open.WaitForExitAsync(Stop);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(Stop);
        var error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output, error);
    }

    private static Process Start(string[] arguments)
    {
        var start = BrokerProcess.CommandLine("", "");
        var program = start.ArgumentList[0];
        start.ArgumentList.Clear();
        foreach (var argument in (string[])[program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
