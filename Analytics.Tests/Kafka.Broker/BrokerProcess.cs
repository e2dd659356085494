using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>
/// Kafka.Broker as a real process on a free port, its data in a temporary folder. After a kill or a stop,
/// <see cref="RestartAsync"/> brings it back on the same port with the same data.
/// </summary>
public sealed class BrokerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Path = typeof(BrokerProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "KafkaBrokerPath").Value!;

    private readonly string[] _options;
    private readonly string? _shell;
    private Process? _process;
    private int _port;

    private BrokerProcess(string? shell, string[] options) => (_shell, _options) = (shell, options);

    /// <summary>HOST:PORT, the same over restarts.</summary>
    public string BootstrapServers => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    public int Port => _port;

    /// <summary>Deleted when the broker is disposed.</summary>
    public string DataFolder { get; } = Directory.CreateTempSubdirectory("kafka-broker-").FullName;

    public int ProcessId => _process!.Id;

    /// <summary>The memory of the process that is in RAM, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            using var process = Process.GetProcessById(ProcessId);
            return process.WorkingSet64;
        }
    }

    /// <summary>What the broker has logged so far, since its last start.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Starts a broker; options as on its command line, such as `--partitions`, `1`.</summary>
    public static Task<BrokerProcess> StartAsync(params string[] options) => StartInAsync(null, options);

    /// <summary>Starts a broker where a line of shell set up before it; `$DATA` is its folder there.</summary>
    public static async Task<BrokerProcess> StartInAsync(string? shell, params string[] options)
    {
        var broker = new BrokerProcess(shell, options);
        try
        {
            await broker.LaunchAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the broker if it still runs, and starts it anew on the same port and data.</summary>
    public async Task RestartAsync()
    {
        Kill();
        await LaunchAsync();
    }

    /// <summary>Waits until the broker has logged a text.</summary>
    public async Task UntilLoggedAsync(string text)
    {
        while (!Log.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>kill -9: nothing is said goodbye to.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }

    /// <summary>SIGTERM, and the exit code once the process is gone.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        using var deadline = new CancellationTokenSource(Patience);
        await _process!.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        Directory.Delete(DataFolder, recursive: true);
        await ValueTask.CompletedTask;
    }

    /// <summary>How the broker is started, for tests that start a second one.</summary>
    public static ProcessStartInfo CommandLine(string dataFolder, string listen, params string[] options) =>
        new("dotnet", [Path, "--data", dataFolder, "--listen", listen, .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <summary>Starts the broker again after a stop or a kill; what it says instead of starting is the message of the exception.</summary>
    public Task StartAgainAsync() => LaunchAsync();

    private async Task LaunchAsync()
    {
        Log = "";
        _process?.Dispose();
        var start = CommandLine(DataFolder, BootstrapServers, _options);
        if (_shell is not null)
        {
            start.Environment["DATA"] = DataFolder;
            string[] command = ["-c", $"{_shell}; exec \"$0\" \"$@\"", start.FileName, .. start.ArgumentList];
            start.FileName = "sh";
            start.ArgumentList.Clear();
            foreach (var argument in command)
            {
                start.ArgumentList.Add(argument);
            }
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Log += line.Data + "\n";
        _process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(Patience);
        var first = await _process.StandardOutput.ReadLineAsync(deadline.Token);
        const string Start = "Kafka.Broker listening on 127.0.0.1:";
        if (first is null || !first.StartsWith(Start, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Kafka.Broker did not start: {first} {Log}");
        }

        _port = int.Parse(first[Start.Length..first.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }
}
