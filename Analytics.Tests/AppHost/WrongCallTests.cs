using System.Diagnostics;
using Analytics.Tests.EndToEnd;

namespace Analytics.Tests.AppHost;

/// <summary>What can't be is one sentence on standard error, and exit code 2.</summary>
public sealed class WrongCallTests
{
    [Theory]
    [InlineData("Unrecognized command or argument '--bogus'", "--bogus")]
    [InlineData("--infrastructure is containers, native or external, not 'cloud'", "--infrastructure", "cloud")]
    [InlineData("--coordination is zookeeper or none, not 'etcd'.", "--coordination", "etcd")]
    [InlineData("--port-offset is a number between -2000 and 46000, not 'many'.", "--port-offset=many")]
    [InlineData("Required argument missing for option: '--data'.", "--data")]
    [InlineData("--workers is a number between 1 and 32, not '0'.", "--workers", "0")]
    [InlineData("There is no file", "--data", "/nowhere/events.json", "--state", "{state}")]
    [InlineData("--infrastructure external needs a connection string for kafka: set ConnectionStrings__kafka.", "--infrastructure", "external", "--state",
        "{state}")]
    public async Task A_wrong_call_is_one_sentence_and_exit_code_2(string sentence, params string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("apphost-");

        var (exitCode, error) = await RunAsync([.. args.Select(arg => arg.Replace("{state}", folder.FullName, StringComparison.Ordinal))]);

        folder.Delete(recursive: true);
        Assert.Equal(2, exitCode);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task One_state_folder_serves_one_application()
    {
        var folder = Directory.CreateTempSubdirectory("apphost-");
        int exitCode;
        string error;
        using (new FileStream(Path.Combine(folder.FullName, "apphost.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            (exitCode, error) = await RunAsync("--state", folder.FullName);
        }

        folder.Delete(recursive: true);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("Another application runs with the state in", error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [ApplicationProcess.AppHost, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
