namespace Ingest.Worker.Publish;

/// <summary>What is published: a file, standard input, or a pipe by the name that the shell gave it.</summary>
internal sealed class SourceFile(string path, Stream stream) : IAsyncDisposable
{
    /// <summary>Its path, as a person knows it.</summary>
    public string Name => IsStandardInput(path) ? "standard input" : path;

    /// <summary>Its name without the folder, as messages carry it.</summary>
    public string ShortName => IsStandardInput(path) ? "standard input" : Path.GetFileName(path);

    /// <summary>Its bytes; of a pipe they come once.</summary>
    public Stream Stream => stream;

    /// <summary>What is wrong with a path before it is opened, in one sentence; null if nothing is.</summary>
    public static string? Complaint(string path) =>
        IsStandardInput(path) ? null
        : path.Contains("://", StringComparison.Ordinal)
            ? $"{path} is an address, and publish reads files: fetch it first, as with curl -sSL {path} | publish -"
        : Directory.Exists(path) ? $"{path} is a directory: name the files in it, such as {Path.Combine(path, "*.json")}."
        : File.Exists(path) ? null
        : $"{path} can't be read: there is no such file.";

    /// <summary>Opens it. A named pipe is waited for until somebody writes to it.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">We may not read it.</exception>
    public static SourceFile Open(string path) => new(path, IsStandardInput(path)
        ? Console.OpenStandardInput()
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan));

    /// <summary>The digest that tells this file's messages from others; null for what can be read only once.</summary>
    public async ValueTask<byte[]?> DigestAsync(CancellationToken cancellationToken)
    {
        if (!stream.CanSeek)
        {
            return null;
        }

        var digest = await PublishedBefore.DigestAsync(stream, cancellationToken);
        stream.Position = 0;
        return digest;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    // A shell's redirection may be a socket, which can't be opened by this name.
    private static bool IsStandardInput(string path) => path is "-" or "/dev/stdin" or "/dev/fd/0" or "/proc/self/fd/0";
}
