using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Coordination;

/// <summary>The coordination server beside Apache ZooKeeper: the same client, the same disk, one after the other, each on an empty folder.</summary>
internal static class CoordinationBenchmark
{
    private const int Clients = 16;
    private const int InFlight = 8;
    private const int Watches = 10_000;

    public static async Task RunAsync(double seconds)
    {
        var jars = Environment.GetEnvironmentVariable("ZOOKEEPER_JARS");
        var ours = await MeasureAsync("ours", StartOurs, seconds);
        var apaches = jars is null ? null : await MeasureAsync("Apache's", (folder, port) => StartApaches(jars, folder, port), seconds);
        Console.WriteLine("| | Native/ZooKeeper | Apache ZooKeeper | ratio |\n|---|---:|---:|---:|");
        foreach (var (name, figure) in ours)
        {
            var other = apaches is null ? (double?)null : apaches[name];
            var isLess = name.Contains("ms", StringComparison.Ordinal) || name.Contains("MB", StringComparison.Ordinal);
            var ratio = other is { } value ? (isLess ? value / figure : figure / value).ToString("0.0", CultureInfo.InvariantCulture) : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {figure:N0} | {other:N0} | {ratio} |"));
        }
    }

    private static async Task<Dictionary<string, double>> MeasureAsync(string name, Func<string, int, Process> start, double seconds)
    {
        var folder = Directory.CreateTempSubdirectory("coordination-");
        var figures = new Dictionary<string, double>();
        var port = FreePort();
        var started = Stopwatch.GetTimestamp();
        var process = start(folder.FullName, port);
        try
        {
            while (!await AnswersAsync(port))
            {
                await Task.Delay(5);
            }

            figures["start to first answer, ms"] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Client.ConnectAsync(port)));
            await clients[0].CallAsync(1, Client.Create("/bench", 0));
            for (var warming = 0; warming < 2; warming++)
            {
                var time = warming == 0 ? Math.Min(1, seconds) : seconds;
                figures[$"create, {Clients} clients × {InFlight}, 1/s"] = await RateAsync(
                    clients, time, (client, i) => client.CallAsync(1, Client.Create($"/bench/{client.Id}-{i}-{time}", 0)));
                figures["set, 1/s"] = await RateAsync(clients, time, (client, _) => client.CallAsync(5, Client.Set("/bench")));
                figures["multi (create and delete), 1/s"] = await RateAsync(
                    clients, time, (client, i) => client.CallAsync(14, Client.Multi($"/bench/m{client.Id}-{i}")));
                figures["get, 1/s"] = await RateAsync(clients, time, (client, _) => client.CallAsync(4, Client.Path("/bench", watch: false)));
                figures["set by one client, one at a time, 1/s"] = await RateAsync(
                    clients[..1], time, (client, _) => client.CallAsync(5, Client.Set("/bench")), inFlight: 1);
                figures["get by one client, one at a time, 1/s"] = await RateAsync(
                    clients[..1], time, (client, _) => client.CallAsync(4, Client.Path("/bench", watch: false)), inFlight: 1);
            }

            figures[$"{Watches:N0} watches firing, ms"] = await FireAsync(clients);
            process.Refresh();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {process.WorkingSet64 / 1024 / 1024} MB at the end"));
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            folder.Delete(recursive: true);
        }

        figures["100,000 nodes of 100 B in memory, MB"] = await MemoryAsync(start);
        return figures;
    }

    private static async Task<double> MemoryAsync(Func<string, int, Process> start)
    {
        var folder = Directory.CreateTempSubdirectory("coordination-");
        var port = FreePort();
        var process = start(folder.FullName, port);
        try
        {
            while (!await AnswersAsync(port))
            {
                await Task.Delay(5);
            }

            using var client = await Client.ConnectAsync(port);
            await client.CallAsync(1, Client.Create("/nodes", 0));
            for (var batch = 0; batch < 100; batch++)
            {
                await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => client.CallAsync(1, Client.Create($"/nodes/{(batch * 1000) + i:D8}", 100))));
            }

            process.Refresh();
            return process.WorkingSet64 / 1024.0 / 1024;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> RateAsync(Client[] clients, double seconds, Func<Client, int, Task> call, int inFlight = InFlight)
    {
        var (started, count) = (Stopwatch.GetTimestamp(), 0);
        await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, inFlight).Select(async lane =>
        {
            for (var i = lane; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; i += inFlight)
            {
                await call(client, i);
                Interlocked.Increment(ref count);
            }
        })));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>All clients watch the same nodes; from one multi that changes them to the last event.</summary>
    private static async Task<double> FireAsync(Client[] clients)
    {
        var nodes = Watches / clients.Length;
        await Task.WhenAll(Enumerable.Range(0, nodes).Select(i => clients[0].CallAsync(1, Client.Create($"/bench/w{i}", 0))));
        await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, nodes).Select(i => client.CallAsync(4, Client.Path($"/bench/w{i}", watch: true)))));
        var told = Task.WhenAll(clients.Select(client => client.UntilToldAsync(nodes)));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, nodes).Select(i => clients[0].CallAsync(5, Client.Set($"/bench/w{i}"))));
        await told;
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static Process StartOurs(string folder, int port) => Start(
        "dotnet", [Built("Native/ZooKeeper", "ZooKeeper.dll"), "--data", folder, "--listen", $"127.0.0.1:{port}", "--set", "4lw.commands.whitelist=*"]);

    private static Process StartApaches(string jars, string folder, int port)
    {
        var settings = Path.Combine(folder, "zoo.cfg");
        File.WriteAllText(settings, $"dataDir={folder}\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n4lw.commands.whitelist=*\n");
        return Start("java", ["-cp", Path.Combine(jars, "*"), "org.apache.zookeeper.server.ZooKeeperServerMain", settings]);
    }

    private static Process Start(string program, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string Built(string project, string file)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = framework.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, project, "bin", framework.Parent.Name, framework.Name, file);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync("srvr"u8.ToArray());
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return (await reader.ReadToEndAsync()).Contains("Mode:", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
