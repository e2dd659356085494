using System.Globalization;
using System.Text;
using Kafka.Broker.Files;

namespace Kafka.Broker.Topics;

/// <summary>
/// The folder that one broker keeps everything in: its lock, its identity (`meta.properties`), the mark of a clean stop, the producer
/// ids and leader epochs given out.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const int ProducerIdBlock = 1000;
    private const string CleanMark = ".kafka_cleanshutdown";
    private const string LeaderEpochs = "leader-epochs";

    private readonly FileStream _lock;
    private readonly Lock _producerIds = new();
    private long _nextProducerId;
    private long _producerIdsReserved;

    /// <exception cref="ArgumentException">Another broker has it, or it can't be written; the message is the sentence to print.</exception>
    public DataFolder(string path, int nodeId)
    {
        Root = path;
        try
        {
            Directory.CreateDirectory(path);
            _lock = new FileStream(File(".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The data folder {path} is in use by another broker or can't be written ({e.Message}); give another one with --data.");
        }

        WasClean = System.IO.File.Exists(File(CleanMark)) || !System.IO.File.Exists(File("meta.properties"));
        ClusterId = ReadOrWriteMeta(nodeId);
        _nextProducerId = _producerIdsReserved = ReadNumber("producer-ids");
        LeaderEpoch = checked((int)ReadNumber(LeaderEpochs));
        if (!WasClean)
        {
            LeaderEpoch++;
            WriteNumber(LeaderEpochs, LeaderEpoch);
        }

        System.IO.File.Delete(File(CleanMark));
        Folder.Sync(Root);
    }

    public string Root { get; }

    /// <summary>Whether the last broker stopped with everything on the disk, so that nothing has to be recovered.</summary>
    public bool WasClean { get; }

    /// <summary>Above all leader epochs of before an unclean stop; one number for all partitions, since one broker leads them all.</summary>
    public int LeaderEpoch { get; }

    /// <summary>22 characters of base64url, as Kafka's.</summary>
    public string ClusterId { get; }

    public string File(string name) => Path.Combine(Root, name);

    /// <summary>A producer id that was never given out before, whatever was killed in between.</summary>
    public long NextProducerId()
    {
        lock (_producerIds)
        {
            if (_nextProducerId == _producerIdsReserved)
            {
                WriteNumber("producer-ids", _producerIdsReserved + ProducerIdBlock);
                _producerIdsReserved += ProducerIdBlock;
            }

            return _nextProducerId++;
        }
    }

    public void MarkClean() => DurableFile.Write(File(CleanMark), "{\"version\":0}"u8);

    public void Dispose() => _lock.Dispose();

    /// <summary>Kafka writes a UUID as 22 characters of base64url.</summary>
    public static string Base64(Guid id) =>
        Convert.ToBase64String(id.ToByteArray(bigEndian: true)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static Guid FromBase64(string text) =>
        new(Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/') + "=="), bigEndian: true);

    private string ReadOrWriteMeta(int nodeId)
    {
        var path = File("meta.properties");
        if (System.IO.File.Exists(path))
        {
            var lines = System.IO.File.ReadAllLines(path);
            var node = ValueIn(lines, "node.id") ?? ValueIn(lines, "broker.id") ?? "";
            return node == nodeId.ToString(CultureInfo.InvariantCulture)
                ? ValueIn(lines, "cluster.id") ?? throw new ArgumentException($"{path} names no cluster.id; restore it or give another folder with --data.")
                : throw new ArgumentException(
                    $"The data folder {Root} belongs to node {node}, this is node {nodeId}; set node.id={node} or give another folder with --data.");
        }

        var cluster = Base64(Guid.NewGuid());
        DurableFile.Write(path, Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"version=1\ncluster.id={cluster}\nnode.id={nodeId}\ndirectory.id={Base64(Guid.NewGuid())}\n")));
        return cluster;
    }

    public static string? ValueIn(string[] lines, string name) =>
        Array.Find(lines, l => l.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private long ReadNumber(string file)
    {
        if (!System.IO.File.Exists(File(file)))
        {
            return 0;
        }

        var text = System.IO.File.ReadAllText(File(file));
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException(
                $"{File(file)} holds '{text[..Math.Min(text.Length, 20)]}', which is no number; write one into it that is above all that were given out.");
    }

    private void WriteNumber(string file, long number) =>
        DurableFile.Write(File(file), Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
}
