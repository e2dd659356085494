using System.Diagnostics;
using System.Globalization;

namespace Analytics.Tests.ZooKeeper;

/// <summary>
/// Native/ZooKeeper as a real process on a free port, its data in a temporary folder. After a kill or a stop,
/// <see cref="StartAgainAsync"/> brings it back on the same port with the same data.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string[] _options;
    private Process? _process;

    private ServerProcess(string[] options) => _options = options;

    public int Port { get; private set; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Deleted when the server is disposed.</summary>
    public string DataFolder { get; } = Directory.CreateTempSubdirectory("zookeeper-").FullName;

    /// <summary>Where logs and snapshots are.</summary>
    public string Files => Path.Combine(DataFolder, "version-2");

    /// <summary>The memory of the process that is in RAM, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            using var process = Process.GetProcessById(_process!.Id);
            return process.WorkingSet64;
        }
    }

    /// <summary>What the server has logged so far, since its last start.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Starts a server; settings such as `tickTime=500`.</summary>
    public static async Task<ServerProcess> StartAsync(params string[] settings)
    {
        var server = new ServerProcess([.. settings.SelectMany(setting => (string[])["--set", setting])]);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How the server is started.</summary>
    public static ProcessStartInfo CommandLine(string dataFolder, string listen, params string[] options) =>
        new("dotnet", [Repository.Output("Native/ZooKeeper", "ZooKeeper.dll"), "--data", dataFolder, "--listen", listen, .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <summary>Starts it on the same port and data; what it says instead of starting is the message of the exception.</summary>
    public async Task StartAgainAsync()
    {
        Log = "";
        _process?.Dispose();
        _process = Process.Start(CommandLine(DataFolder, Address, _options))!;
        _process.ErrorDataReceived += (_, line) => Log += line.Data + "\n";
        _process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(Patience);
        var first = await _process.StandardOutput.ReadLineAsync(deadline.Token);
        const string Start = "ZooKeeper listening on 127.0.0.1:";
        if (first is null || !first.StartsWith(Start, StringComparison.Ordinal))
        {
            await _process.WaitForExitAsync(deadline.Token);
            throw new InvalidOperationException($"ZooKeeper did not start: {first} {Log}");
        }

        Port = int.Parse(first[Start.Length..first.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }

    /// <summary>kill -9: nothing is said goodbye to.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>SIGTERM, and the exit code once the process is gone.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        using var deadline = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        Directory.Delete(DataFolder, recursive: true);
        await ValueTask.CompletedTask;
    }
}
