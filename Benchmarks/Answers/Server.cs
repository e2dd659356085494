using System.Diagnostics;

namespace Benchmarks.Answers;

/// <summary>One of this repository's programs as the process it is, in a Release build.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly string Repository = FindRepository();

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private Server(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The greatest resident memory so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>The time that it has had the processor, all cores together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>All lines it has printed.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <param name="project">The folder of its project.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Its environment.</param>
    public static Server Start(string project, string[] arguments, params (string Name, string Value)[] settings)
    {
        var program = Path.Combine(Repository, project, "bin", "Release", "net10.0", $"{Path.GetFileName(project)}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new Server(Process.Start(start)!);
    }

    /// <summary>Writes to its standard input and waits for its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is what it printed.</exception>
    public async Task FeedAsync(Func<Stream, Task> write)
    {
        await write(_process.StandardInput.BaseStream);
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException(string.Join('\n', Lines));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aspire.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The benchmark runs outside the repository.");
        }

        return folder;
    }
}
