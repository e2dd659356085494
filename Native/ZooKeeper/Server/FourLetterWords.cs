using System.Globalization;
using System.Text;
using ZooKeeper.Clients;
using ZooKeeper.Settings;

namespace ZooKeeper.Server;

/// <summary>
/// The words that an operator sends in the place of a session, such as `echo ruok | nc localhost 2181`. Only those in
/// 4lw.commands.whitelist are answered, the others told so; `*` is all. Not there: gtmk and stmk, since nothing has a trace mask here.
/// </summary>
internal sealed class FourLetterWords
{
    private static readonly string[] Known =
        ["conf", "cons", "crst", "dirs", "dump", "envi", "hash", "isro", "mntr", "ruok", "srst", "srvr", "stat", "wchc", "wchp", "wchs"];

    private readonly HashSet<string> _allowed;
    private readonly Report _report;

    public FourLetterWords(ZooKeeperOptions options, Report report)
    {
        _report = report;
        var words = options.Value("4lw.commands.whitelist").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        _allowed = words.Contains("*") ? [.. Known] : [.. words, "srvr"];
    }

    /// <summary>The answer to a word; null if it is none.</summary>
    public byte[]? Answer(ReadOnlySpan<byte> bytes)
    {
        var word = Encoding.ASCII.GetString(bytes);
        if (!Known.Contains(word))
        {
            return null;
        }

        if (!_allowed.Contains(word))
        {
            return Encoding.UTF8.GetBytes($"{word} is not executed because it is not in the whitelist.\n");
        }

        var text = new StringBuilder();
        Write(word, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Write(string word, StringBuilder text)
    {
        switch (word)
        {
            case "ruok":
                text.Append("imok");
                break;
            case "isro":
                text.Append("rw");
                break;
            case "conf":
                Lines(text, _report.Configuration(), "{0}={1}\n");
                break;
            case "envi":
                Lines(text.Append("Environment:\n"), Report.Environment(), "{0}={1}\n");
                break;
            case "mntr":
                Lines(text, _report.Monitor(), "zk_{0}\t{1}\n");
                break;
            case "srvr" or "stat":
                Server(text, hasClients: word == "stat");
                break;
            case "cons":
                foreach (var client in _report.Clients)
                {
                    Connection(text, client, isBrief: false);
                }

                text.Append('\n');
                break;
            case "dirs":
                var (data, log) = _report.Sizes();
                text.Append(CultureInfo.InvariantCulture, $"datadir_size: {data}\nlogdir_size: {log}\n");
                break;
            case "hash":
                var (zxid, digest) = _report.Digest();
                text.Append(CultureInfo.InvariantCulture, $"{zxid:x}: {digest}\n");
                break;
            case "crst":
                _report.ResetConnections();
                text.Append("Connection stats reset.\n");
                break;
            case "srst":
                _report.Statistics.Reset();
                text.Append("Server stats reset.\n");
                break;
            case "dump":
                Dump(text);
                break;
            case "wchs":
                var (watchers, paths, watches) = _report.WatchSummary();
                text.Append(CultureInfo.InvariantCulture, $"{watchers} connections watching {paths} paths\nTotal watches:{watches}\n");
                break;
            case "wchc":
                Groups(text, _report.Watches().GroupBy(watch => Report.Hex(watch.Session), watch => watch.Path));
                break;
            default:
                Groups(text, _report.Watches().GroupBy(watch => watch.Path, watch => Report.Hex(watch.Session)));
                break;
        }
    }

    private static void Lines(StringBuilder text, IEnumerable<(string Name, object Value)> lines, string format)
    {
        foreach (var (name, value) in lines)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, format, name, value);
        }
    }

    private static void Groups(StringBuilder text, IEnumerable<IGrouping<string, string>> groups)
    {
        foreach (var group in groups)
        {
            text.Append(group.Key).Append('\n');
            foreach (var entry in group)
            {
                text.Append('\t').Append(entry).Append('\n');
            }
        }

        text.Append('\n');
    }

    private void Server(StringBuilder text, bool hasClients)
    {
        text.Append("Zookeeper version: ").Append(Report.Version).Append('\n');
        if (hasClients)
        {
            text.Append("Clients:\n");
            foreach (var client in _report.Clients)
            {
                Connection(text, client, isBrief: true);
            }

            text.Append('\n');
        }

        var all = _report.Statistics;
        text.Append(CultureInfo.InvariantCulture, $"Latency min/avg/max: {all.MinMs}/{all.AverageMs:0.0###}/{all.MaxMs}\n");
        text.Append(CultureInfo.InvariantCulture, $"Received: {all.Received}\nSent: {all.Sent}\nConnections: {_report.Connections}\n");
        text.Append(CultureInfo.InvariantCulture, $"Outstanding: {all.Outstanding}\nZxid: {_report.LastZxid}\nMode: standalone\n");
        text.Append(CultureInfo.InvariantCulture, $"Node count: {_report.NodeCount}\n");
    }

    private static void Connection(StringBuilder text, Client client, bool isBrief)
    {
        var own = client.Statistics;
        text.Append(CultureInfo.InvariantCulture, $" /{client.Remote}[1](queued={own.Outstanding},recved={own.Received},sent={own.Sent}");
        if (!isBrief && client.SessionId != 0)
        {
            var (type, cxid, zxid, at) = client.Last;
            text.Append(CultureInfo.InvariantCulture, $",sid={Report.Hex(client.SessionId)},lop={type},est={client.Since.ToUnixTimeMilliseconds()}");
            text.Append(CultureInfo.InvariantCulture, $",to={client.TimeoutMs},lcxid={Report.Hex(cxid)},lzxid={Report.Hex(zxid)}");
            text.Append(CultureInfo.InvariantCulture, $",lresp={at.ToUnixTimeMilliseconds()},llat={own.LastMs},minlat={own.MinMs}");
            text.Append(CultureInfo.InvariantCulture, $",avglat={own.AverageMs:0.#},maxlat={own.MaxMs}");
        }

        text.Append(")\n");
    }

    private void Dump(StringBuilder text)
    {
        text.Append("SessionTracker dump:\n");
        foreach (var (id, left) in _report.Sessions())
        {
            text.Append(CultureInfo.InvariantCulture, $"\t{Report.Hex(id)} expires in {left} ms\n");
        }

        var ephemerals = _report.Ephemerals();
        text.Append(CultureInfo.InvariantCulture, $"ephemeral nodes dump:\nSessions with Ephemerals ({ephemerals.Length}):\n");
        foreach (var (session, paths) in ephemerals)
        {
            text.Append(Report.Hex(session)).Append(":\n");
            foreach (var path in paths)
            {
                text.Append('\t').Append(path).Append('\n');
            }
        }
    }
}
