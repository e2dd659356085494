using System.ComponentModel;
using System.IO.Pipes;
using System.Text;

namespace Aspire.Hosting.Orchestration;

/// <summary>What is to be started.</summary>
/// <param name="Command">A path, or a name that is looked up in the PATH of <paramref name="Environment"/>.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">The folder in which it runs.</param>
/// <param name="Environment">Its whole environment.</param>
internal sealed record ProcessSpec(string Command, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment);

/// <summary>A process in a group of its own, which is known to the <see cref="Reaper"/> as long as it lives.</summary>
internal sealed class ChildProcess
{
    private readonly Reaper _reaper;
    private readonly Task _output;

    private ChildProcess(int id, Reaper reaper, Task output)
    {
        Id = id;
        _reaper = reaper;
        _output = output;
        Exited = WaitAsync();
    }

    /// <summary>The process id, which is its group's id as well.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code when the process has ended, the rest of its group is gone and its output is read.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a process.</summary>
    /// <param name="spec">What is to be started.</param>
    /// <param name="reaper">Ends it if the AppHost dies.</param>
    /// <param name="onLine">Gets each line that it writes, and whether to standard error; lines of one stream come in order.</param>
    /// <exception cref="DistributedApplicationException">It can't be started.</exception>
    public static ChildProcess Start(ProcessSpec spec, Reaper reaper, Action<string, bool> onLine)
    {
        if (!Directory.Exists(spec.WorkingDirectory))
        {
            throw new DistributedApplicationException($"'{spec.Command}' can't run in {spec.WorkingDirectory}: there is no such folder.");
        }

        var path = Find(spec);
        var output = new AnonymousPipeServerStream(PipeDirection.In);
        var error = new AnonymousPipeServerStream(PipeDirection.In);
        try
        {
            var id = PosixSpawn.Start(
                path,
                spec.Arguments,
                spec.Environment,
                spec.WorkingDirectory,
                standardInput: null,
                (int)output.ClientSafePipeHandle.DangerousGetHandle(),
                (int)error.ClientSafePipeHandle.DangerousGetHandle());
            reaper.Add(id);
            output.DisposeLocalCopyOfClientHandle();
            error.DisposeLocalCopyOfClientHandle();
            return new ChildProcess(id, reaper, Task.WhenAll(ReadAsync(output, line => onLine(line, false)), ReadAsync(error, line => onLine(line, true))));
        }
        catch (Exception exception)
        {
            output.Dispose();
            error.Dispose();
            throw exception is Win32Exception ? new DistributedApplicationException($"{path} could not be started: {exception.Message}.", exception) : exception;
        }
    }

    /// <summary>Asks the process and its group to end, and ends them if they don't in time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        PosixSpawn.SignalGroup(Id, PosixSpawn.SigTerm);
        try
        {
            await Exited.WaitAsync(grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            PosixSpawn.SignalGroup(Id, PosixSpawn.SigKill);
            await Exited.ConfigureAwait(false);
        }
    }

    private static string Find(ProcessSpec spec)
    {
        if (spec.Command.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(spec.Command, spec.WorkingDirectory);
            return File.Exists(path) ? path : throw new DistributedApplicationException($"There is no executable {path}.");
        }

        var folders = spec.Environment.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, spec.Command)).FirstOrDefault(IsExecutable)
            ?? throw new DistributedApplicationException($"There is no executable '{spec.Command}' in PATH.");
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private async Task<int> WaitAsync()
    {
        var exitCode = await Task.Factory.StartNew(() => PosixSpawn.Wait(Id), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        PosixSpawn.SignalGroup(Id, PosixSpawn.SigKill);
        _reaper.Remove(Id);

        // A process that left the group may hold the pipes open; nobody waits for it.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromMilliseconds(500))).ConfigureAwait(false);
        return exitCode;
    }

    /// <summary>Takes a stream apart at its line ends. A line longer than the buffer comes in pieces, so that output without line ends costs no memory.</summary>
    private static async Task ReadAsync(AnonymousPipeServerStream stream, Action<string> onLine)
    {
        const int longest = 16 * 1024;
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        var buffer = new char[longest];
        var filled = 0;
        while (true)
        {
            int read;
            try
            {
                read = await reader.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
            }
            catch (IOException)
            {
                read = 0;
            }

            var end = filled + read;
            var start = 0;
            for (int at; (at = Array.IndexOf(buffer, '\n', start, end - start)) >= 0; start = at + 1)
            {
                onLine(new string(buffer, start, at - start).TrimEnd('\r'));
            }

            if ((start == 0 && end == longest) || (read == 0 && end > start))
            {
                onLine(new string(buffer, start, end - start));
                start = end;
            }

            if (read == 0)
            {
                return;
            }

            filled = end - start;
            Array.Copy(buffer, start, buffer, 0, filled);
        }
    }
}
