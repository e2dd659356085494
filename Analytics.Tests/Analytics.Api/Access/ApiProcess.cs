using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Analytics.Tests.Ingest.Worker;

namespace Analytics.Tests.Analytics.Api.Access;

/// <summary>Analytics.Api as the process it is.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private ApiProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _lines.Writer.TryWrite(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _lines.Writer.TryWrite(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ApiProcess> StartAsync(string database, string kafka, params (string Name, string Value)[] settings)
    {
        var api = new ApiProcess(Start([], [("ConnectionStrings__activity", database), ("ConnectionStrings__kafka", kafka), .. settings]));
        api.Address = new Uri((await api.SaysAsync("Now listening on: ")).Split(": ")[^1]);
        return api;
    }

    /// <summary>Runs a command line to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, params (string Name, string Value)[] settings)
    {
        using var process = Start(arguments, settings);
        var output = process.StandardOutput.ReadToEndAsync(Deadline.Token);
        var error = process.StandardError.ReadToEndAsync(Deadline.Token);
        await process.WaitForExitAsync(Deadline.Token);
        return (process.ExitCode, (await output).Trim(), (await error).Trim());
    }

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

        throw new InvalidOperationException($"It never said “{text}”.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync(Deadline.Token);
        }

        _process.Dispose();
    }

    private static Process Start(string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Analytics.Api.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
