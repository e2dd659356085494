using System.Text;

namespace Native.Hosting;

/// <summary>Healthy when the server answers the four-letter word `ruok` with `imok`.</summary>
internal sealed class ZooKeeperHealthCheck(NativeZooKeeperResource zooKeeper) : LoopbackHealthCheck(zooKeeper, "server")
{
    protected override async Task<string?> WrongAnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("ruok"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(cancellationToken);
        return answer == "imok" ? null : $"The server answered '{answer.Trim()}'.";
    }
}
