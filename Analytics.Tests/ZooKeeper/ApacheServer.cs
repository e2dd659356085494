using System.Diagnostics;
using System.Globalization;
using Native.Hosting;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Apache ZooKeeper 3.8, from the jars of Apache Kafka 3.9 beside the repository, on a free port.</summary>
public sealed class ApacheServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ApacheServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>What it has logged so far.</summary>
    public string Log { get; private set; } = "";

    /// <summary>The folder of Kafka 3.9.2; null where it or Java is missing.</summary>
    public static string? KafkaHome { get; } = FindKafka();

    public static string MissingReason => "Java, or Apache Kafka at ../shared/kafka beside the repository, is not there";

    private static string Jars => Path.Combine(KafkaHome!, "libs", "*");

    public static async Task<ApacheServer> StartAsync(string dataFolder)
    {
        Assert.SkipUnless(KafkaHome is not null, MissingReason);
        var port = Ports.Free();
        var settings = Path.Combine(dataFolder, "zoo.cfg");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $"""
            dataDir={dataFolder}
            clientPort={port}
            clientPortAddress=127.0.0.1
            tickTime=500
            maxSessionTimeout=60000
            maxClientCnxns=0
            admin.enableServer=false
            4lw.commands.whitelist=*

            """));
        await File.WriteAllTextAsync(Path.Combine(dataFolder, "log4j.properties"), """
            log4j.rootLogger=INFO, console
            log4j.appender.console=org.apache.log4j.ConsoleAppender
            log4j.appender.console.layout=org.apache.log4j.PatternLayout
            log4j.appender.console.layout.ConversionPattern=%p %c{1} %m%n

            """);
        var process = Process.Start(new ProcessStartInfo(
            "java",
            [
                $"-Dlog4j.configuration=file:{dataFolder}/log4j.properties", "-Dzookeeper.extendedTypesEnabled=true",
                "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", Jars, "org.apache.zookeeper.server.ZooKeeperServerMain", settings,
            ])
        {
            RedirectStandardOutput = true,
        })!;
        var server = new ApacheServer(process, port);
        process.OutputDataReceived += (_, line) => server.Log += line.Data + "\n";
        process.BeginOutputReadLine();
        try
        {
            await server.UntilServingAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a tool of the jars to its end, and returns what it printed.</summary>
    public static async Task<string> RunToolAsync(string name, params string[] arguments)
    {
        Assert.SkipUnless(KafkaHome is not null, MissingReason);
        using var process = Process.Start(new ProcessStartInfo("java", ["-XX:TieredStopAtLevel=1", "-cp", Jars, name, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {output}{await error}");
        return output;
    }

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        _process.Dispose();
        await ValueTask.CompletedTask;
    }

    private async Task UntilServingAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            Assert.False(_process.HasExited, $"Apache ZooKeeper ended: {Log}");
            try
            {
                // A connection that comes while it starts may never be answered.
                if ((await FourLetterWordTests.AskAsync(Port, "srvr").WaitAsync(TimeSpan.FromSeconds(1))).Contains("Mode:", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or TimeoutException or IOException)
            {
                // Not yet.
            }

            await Task.Delay(50, deadline.Token);
        }
    }

    private static string? FindKafka()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var kafka = Path.Combine(Repository.Root, "..", "shared", "kafka", "kafka");
        for (var folder = new DirectoryInfo(Repository.Root); folder is not null && !File.Exists(kafka); folder = folder.Parent)
        {
            kafka = Path.Combine(folder.FullName, "shared", "kafka", "kafka");
        }

        if (!path.Any(folder => File.Exists(Path.Combine(folder, "java"))) || !File.Exists(kafka))
        {
            return null;
        }

        using var process = Process.Start(new ProcessStartInfo(kafka, ["home", "3.9.2"]) { RedirectStandardOutput = true })!;
        var home = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? home : null;
    }
}
