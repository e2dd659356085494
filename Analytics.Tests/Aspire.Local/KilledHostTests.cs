using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting;

namespace Analytics.Tests.AspireLocal;

public sealed class KilledHostTests
{
    private const string RoleVariable = "ASPIRE_LOCAL_TEST_HOST";

    /// <summary>Started with the variable set, this assembly is no test but an AppHost that waits to be killed. What its children write then goes nowhere.</summary>
    [ModuleInitializer]
    internal static void BeAnAppHost()
    {
        if (Environment.GetEnvironmentVariable(RoleVariable) is not { } folder)
        {
            return;
        }

        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { ProjectDirectory = folder, DisableDashboard = true });
        builder.AddExecutable("polite", "sh", folder, "-c", "trap '' PIPE; trap 'echo stopped >> polite; exit 0' TERM; echo $$ >> pids; while :; do sleep 0.05; done");
        builder.AddExecutable("deaf", "sh", folder, "-c", "trap '' TERM; sleep 1000 & echo $! >> pids; echo $$ >> pids; while :; do sleep 0.05; done");
        builder.Build().Run();
        Environment.Exit(0);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task However_an_AppHost_ends_it_leaves_no_process_behind(string signal)
    {
        var deadline = TestApplication.Deadline();
        var folder = Directory.CreateTempSubdirectory("aspire-local-killed-");
        try
        {
            // Where CI runs in the background, Ctrl+C's signal is ignored, and what it starts inherits that.
            var start = new ProcessStartInfo("env", ["--default-signal=INT", Environment.ProcessPath!])
            {
                RedirectStandardOutput = true,
                Environment = { [RoleVariable] = folder.FullName },
            };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            {
                start.ArgumentList.Add(typeof(KilledHostTests).Assembly.Location);
            }

            using var host = Process.Start(start)!;
            var file = Path.Combine(folder.FullName, "pids");
            while (!File.Exists(file) || (await File.ReadAllLinesAsync(file, deadline)).Length < 3)
            {
                await Task.Delay(20, deadline);
            }

            var pids = (await File.ReadAllLinesAsync(file, deadline)).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
            Assert.All(pids, pid => Assert.True(Processes.Run(pid)));

            using (var kill = Process.Start("kill", ["-s", signal, host.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync(deadline);
            }

            var ending = Stopwatch.StartNew();
            await host.WaitForExitAsync(deadline);
            foreach (var pid in pids)
            {
                await Processes.GoneAsync(pid, deadline);
            }

            Assert.InRange(ending.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(6));
            Assert.Equal("stopped", (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "polite"), deadline)).Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
