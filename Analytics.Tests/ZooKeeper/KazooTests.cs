using System.Diagnostics;
using System.Globalization;

namespace Analytics.Tests.ZooKeeper;

/// <summary>The recipes of kazoo, ZooKeeper's client of Python, unmodified, on this server and on Apache's.</summary>
[Collection(nameof(Servers))]
public sealed class KazooTests(Servers servers)
{
    public static TheoryData<string> Both => Servers.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Kazoos_recipes_run(string server)
    {
        var python = await FindPythonAsync();
        Assert.SkipUnless(python is not null, "kazoo (python3-kazoo) is not installed");
        var port = await servers.PortAsync(server);
        using var process = Start(python, Path.Combine(Repository.Root, "Analytics.Tests", "ZooKeeper", "recipes.py"),
            string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await error);
        Assert.Equal(
            ["basics", "lock", "read lock", "semaphore", "election", "queue", "locking queue", "barrier", "double barrier", "counter", "party", "partitioner",
                "watchers", "transaction"],
            output.Trim().Split('\n'));
    }

    /// <summary>Debian installs it for its own Python, which need not be the first on the path.</summary>
    private static async Task<string?> FindPythonAsync()
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
        {
            try
            {
                using var process = Start(python, "-c", "import kazoo");
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                if (process.ExitCode == 0)
                {
                    return python;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is none of this name.
            }
        }

        return null;
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
