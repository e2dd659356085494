using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Ingest.Worker as the process it is.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];

    private WorkerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>All that it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_seen)
            {
                return string.Join('\n', _seen);
            }
        }
    }

    /// <summary>Starts the default verb.</summary>
    public static WorkerProcess Ingest(string kafka, string database, string topic, params (string Name, string Value)[] settings) => new(Start(
        [],
        [
            ("ConnectionStrings__kafka", kafka), ("ConnectionStrings__activity", database), ("Ingest__Topic", topic), ("Ingest__Group", $"group-of-{topic}"),
            ("Ingest__BatchWait", "00:00:00.1"), .. settings,
        ]));

    /// <summary>Starts another verb.</summary>
    public static WorkerProcess Verb(string verb, params (string Name, string Value)[] settings) => new(Start([verb], settings));

    /// <summary>Starts the verb publish.</summary>
    public static WorkerProcess Publish(string kafka, string topic, params string[] arguments) =>
        new(Start(["publish", "--topic", topic, "--bootstrap-servers", kafka, .. arguments], []));

    /// <summary>Runs a command line to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] arguments, string? input = null, params (string Name, string Value)[] settings)
    {
        using var process = Start(arguments, settings);
        var output = process.StandardOutput.ReadToEndAsync(Deadline.Token);
        var error = process.StandardError.ReadToEndAsync(Deadline.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Deadline.Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Puts files on a topic.</summary>
    public static Task<(int ExitCode, string Output, string Error)> PublishAsync(string kafka, string topic, params string[] arguments) =>
        RunAsync(["publish", "--topic", topic, "--bootstrap-servers", kafka, .. arguments]);

    /// <summary>Waits for a line that has this text in it.</summary>
    public async Task<string> SaysAsync(string text)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(Deadline.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"It never said “{text}”: {Output}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(Deadline.Token);
    }

    /// <summary>Sends a signal, such as STOP.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Deadline.Token);
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await EndAsync();
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(Deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Process Start(string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ingest.Worker.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_seen)
        {
            _seen.Add(line);
        }

        _lines.Writer.TryWrite(line);
    }
}

/// <summary>The patience of these tests; a machine that builds at the same time is slow.</summary>
internal static class Deadline
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Ends with the test run, and three minutes from now.</summary>
    public static CancellationToken Token
    {
        get
        {
            var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            source.CancelAfter(Patience);
            return source.Token;
        }
    }
}
