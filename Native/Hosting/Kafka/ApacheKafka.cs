using System.Globalization;

namespace Native.Hosting;

/// <summary>An installation of Apache Kafka with KRaft, run as one node that is broker and controller.</summary>
/// <param name="home">The unpacked archive: bin, config, libs.</param>
/// <param name="folder">Where its data and settings are kept.</param>
/// <param name="port">The broker's TCP port.</param>
internal sealed class ApacheKafka(string home, string folder, int port)
{
    public string Folder { get; } = folder;

    public string StartScript { get; } = Path.Combine(home, "bin", "kafka-server-start.sh");

    public string SettingsFile { get; } = Path.Combine(folder, "server.properties");

    private string Data => Path.Combine(Folder, "data");

    /// <summary>Writes the settings and formats the data folder, which is done once.</summary>
    /// <exception cref="InvalidOperationException">The installation can't format it; the message is its own.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(SettingsFile, Settings(Ports.Free()), cancellationToken);
        if (File.Exists(Path.Combine(Data, "meta.properties")))
        {
            return;
        }

        var storage = Path.Combine(home, "bin", "kafka-storage.sh");
        var id = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var answer = await Command.RunAsync([storage, "format", "--ignore-formatted", "-t", id, "-c", SettingsFile], cancellationToken);
        if (!answer.Succeeded)
        {
            throw new InvalidOperationException($"{storage} can't format {Data}: {(answer.Error + answer.Output).Trim()}");
        }
    }

    private string Settings(int controllerPort) => string.Create(CultureInfo.InvariantCulture, $"""
        # Written at each start; changes are lost.
        node.id=1
        process.roles=broker,controller
        controller.quorum.voters=1@127.0.0.1:{controllerPort}
        listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port}
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=PLAINTEXT
        controller.listener.names=CONTROLLER
        log.dirs={Data}
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        group.initial.rebalance.delay.ms=0

        """);
}
