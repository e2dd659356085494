/// <summary>The folder of all state, held by one application at a time.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly string _path;
    private readonly FileStream? _lock;

    private StateFolder(string path, FileStream? @lock)
    {
        _path = path;
        _lock = @lock;
    }

    /// <summary>Takes the folder, making it where there is none.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="alone">Whether nobody else may run with it; a manifest is written beside a running application.</param>
    /// <exception cref="WrongCallException">Another application has it.</exception>
    public static StateFolder Take(string path, bool alone)
    {
        try
        {
            Directory.CreateDirectory(path);
            // The system gives the lock back when this process ends, however it ends.
            var file = Path.Combine(path, "apphost.lock");
            return new StateFolder(path, alone ? new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None) : null);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new WrongCallException($"The state folder can't be written: {denied.Message}");
        }
        catch (IOException)
        {
            throw new WrongCallException(
                $"Another application runs with the state in {path}: stop it, or give this one a folder of its own with --state DIR (and --port-offset N).");
        }
    }

    /// <summary>The path of one part's state.</summary>
    public string Folder(string part) => Path.Combine(_path, part);

    /// <summary>
    /// The name of the volume that keeps one part's state where containers run it. It goes with this folder, since the password is in
    /// the folder and the data that needs it in the volume.
    /// </summary>
    public string Volume(string part)
    {
        var file = Path.Combine(_path, "volumes");
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Guid.NewGuid().ToString("N")[..8]);
        }

        return $"activity-{File.ReadAllText(file)}-{part}";
    }

    public void Dispose() => _lock?.Dispose();
}
