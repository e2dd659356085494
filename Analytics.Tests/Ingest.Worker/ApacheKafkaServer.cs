using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Apache Kafka 4.3.0 as a process, where Java and the folder shared/kafka beside the repository are at hand.</summary>
internal sealed class ApacheKafkaServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("apache-kafka-").FullName;
    private readonly Process _process;

    private ApacheKafkaServer(string script)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        }

        _process = Process.Start(new ProcessStartInfo(script, ["serve", "4.3.0", _folder, Address.Split(':')[1]]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Address { get; }

    /// <summary>Starts it and waits until it answers; skips the test where there is none.</summary>
    public static async Task<ApacheKafkaServer> StartAsync()
    {
        var script = Script(AppContext.BaseDirectory);
        Assert.SkipWhen(script is null || !File.Exists("/usr/bin/java"), "Apache Kafka is not at hand (../shared/kafka and Java 17).");
        var server = new ApacheKafkaServer(script!);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = server.Address }).SetLogHandler((_, _) => { }).Build();
        await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = TimeSpan.FromMinutes(2) });
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string? Script(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var script = Path.Combine(folder, "shared", "kafka", "kafka");
            if (File.Exists(script))
            {
                return script;
            }
        }

        return null;
    }
}
