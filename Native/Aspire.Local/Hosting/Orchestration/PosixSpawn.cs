using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Starts processes as leaders of process groups of their own, which <see cref="System.Diagnostics.Process"/> can't: a Ctrl+C in the terminal
/// must reach the AppHost alone, and a process must be stopped together with those it started.
/// </summary>
internal static partial class PosixSpawn
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const string Libc = "libc";
    private const string Nothing = "/dev/null";
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

    // The opaque structures are far smaller than this on Linux (336, 80 and 128 bytes) and macOS (8, 8 and 4).
    private const int OpaqueSize = 1024;
    private const short SetGroup = 0x02;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;

    /// <summary>Starts a process; of the descriptors it gets only the three given ones.</summary>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">Its arguments, without its own name.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="workingDirectory">The folder in which it runs.</param>
    /// <param name="standardInput">A descriptor that it reads, or none for an empty input.</param>
    /// <param name="standardOutput">A descriptor that its standard output goes to, or none to lose it.</param>
    /// <param name="standardError">A descriptor that its standard error goes to, or none to lose it.</param>
    /// <returns>Its id, which is its group's id as well.</returns>
    public static unsafe int Start(string path, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string workingDirectory, int? standardInput, int? standardOutput, int? standardError)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Aspire.Local runs on Linux and macOS; on Windows use the Aspire packages.");
        }

        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        var signals = stackalloc byte[OpaqueSize];
        Check(FileActionsInit(actions));
        Check(AttributesInit(attributes));
        using var argv = new TextArray([path, .. arguments]);
        using var envp = new TextArray([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);
        try
        {
            Check(standardInput is { } input ? Duplicate(actions, input, 0) : Open(actions, 0, Nothing, ReadOnly, 0));
            Check(standardOutput is { } output ? Duplicate(actions, output, 1) : Open(actions, 1, Nothing, WriteOnly, 0));
            Check(standardError is { } error ? Duplicate(actions, error, 2) : Open(actions, 2, Nothing, WriteOnly, 0));
            Check(ChangeDirectory(actions, workingDirectory));
            Check(SetFlags(attributes, SetGroup | SetSignalDefaults | SetSignalMask));
            Check(SetProcessGroup(attributes, 0));
            _ = EmptySet(signals);
            Check(SetMask(attributes, signals));
            _ = FillSet(signals);
            Check(SetDefaults(attributes, signals));
            Check(Spawn(out var pid, path, actions, attributes, argv.Pointer, envp.Pointer));
            return pid;
        }
        finally
        {
            _ = FileActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
        }
    }

    /// <summary>Sends a signal to a process group; nothing happens if it is gone.</summary>
    public static void SignalGroup(int group, int signal) => _ = Kill(-group, signal);

    /// <summary>Waits until a process ends.</summary>
    /// <returns>Its exit code, or 128 and the signal that ended it, as shells say it.</returns>
    public static int Wait(int pid)
    {
        const int interrupted = 4;
        while (true)
        {
            if (WaitFor(pid, out var status, 0) == pid)
            {
                var signal = status & 0x7f;
                return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
            }

            if (Marshal.GetLastPInvokeError() != interrupted)
            {
                return -1;
            }
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }

    [LibraryImport(Libc, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial int FileActionsInit(byte* actions);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial int FileActionsDestroy(byte* actions);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial int Duplicate(byte* actions, int from, int to);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Open(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int ChangeDirectory(byte* actions, string path);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial int AttributesInit(byte* attributes);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial int AttributesDestroy(byte* attributes);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial int SetFlags(byte* attributes, short flags);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setpgroup")]
    private static unsafe partial int SetProcessGroup(byte* attributes, int group);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport(Libc, EntryPoint = "sigemptyset")]
    private static unsafe partial int EmptySet(byte* signals);

    [LibraryImport(Libc, EntryPoint = "sigfillset")]
    private static unsafe partial int FillSet(byte* signals);

    [LibraryImport(Libc, EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport(Libc, EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int pid, out int status, int options);

    /// <summary>A null-terminated array of UTF-8 texts in unmanaged memory.</summary>
    private readonly unsafe struct TextArray : IDisposable
    {
        private readonly int _count;

        public TextArray(IReadOnlyList<string> texts)
        {
            _count = texts.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}
