using System.Globalization;
using System.IO.Pipes;
using System.Text;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Ends the children of an AppHost that was killed. A shell, started before all others, reads from a pipe that only the AppHost holds; each line
/// adds or removes a process group. When the pipe ends, however that came, the groups that are left get SIGTERM and, two seconds later, SIGKILL.
/// </summary>
internal sealed class Reaper : IDisposable
{
    private const string Script = """
        trap '' INT TERM HUP QUIT
        groups=' '
        while read -r what group; do
          case $what in
            add) groups="$groups$group " ;;
            remove) case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac ;;
          esac
        done
        for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
        for tick in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          left=
          for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && left="$left $group"; done
          [ -z "$left" ] && exit 0
          sleep 0.1
        done
        for group in $left; do kill -s KILL -- "-$group" 2>/dev/null; done
        """;

    private readonly Lock _gate = new();
    private readonly AnonymousPipeServerStream _pipe;
    private readonly int _id;

    public Reaper()
    {
        _pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        _id = PosixSpawn.Start(
            "/bin/sh",
            ["-c", Script],
            new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            "/",
            (int)_pipe.ClientSafePipeHandle.DangerousGetHandle(),
            standardOutput: null,
            standardError: null);
        _pipe.DisposeLocalCopyOfClientHandle();
    }

    public void Add(int group) => Tell("add", group);

    public void Remove(int group) => Tell("remove", group);

    /// <summary>Lets the shell end; it ends what is left.</summary>
    public void Dispose()
    {
        _pipe.Dispose();
        PosixSpawn.Wait(_id);
    }

    private void Tell(string what, int group)
    {
        lock (_gate)
        {
            try
            {
                _pipe.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {group}\n")));
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Somebody killed the shell, or the application is gone: there is nobody to tell.
            }
        }
    }
}
