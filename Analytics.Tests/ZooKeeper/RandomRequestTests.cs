using System.Globalization;
using System.Text;

namespace Analytics.Tests.ZooKeeper;

/// <summary>The same random requests to this server and to Apache's: the same answers and events, but for zxids, times and session ids.</summary>
[Collection(nameof(Servers))]
public sealed class RandomRequestTests(Servers servers)
{
    private const int Requests = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData(3, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Random_requests_are_answered_alike(int seed)
    {
        Assert.SkipUnless(ApacheServer.KafkaHome is not null, ApacheServer.MissingReason);
        var (ours, apaches) = (await RunAsync(Servers.Ours, seed), await RunAsync(Servers.Apache, seed));
        for (var i = 0; i < apaches.Count; i++)
        {
            Assert.True(ours[i] == apaches[i],
                $"request {i}:\nApache's {apaches[i]}\nours     {ours[i]}\nbefore:\n{string.Join('\n', apaches[Math.Max(0, i - 5)..i])}");
        }
    }

    private async Task<List<string>> RunAsync(string server, int seed)
    {
        var (first, root) = await servers.ConnectAsync(server);
        await using var a = first;
        await using var b = await RawClient.ConnectAsync(await servers.PortAsync(server));
        await a.AuthenticateAsync("digest", "user:password");

        // What is created beside the root of all these nodes is counted by its parent, which no other test may use.
        root += "/all";
        Assert.Equal(0, (await a.CallAsync(1, RawClient.CreateBody(root, null, 0, Acl.Open))).Error);
        var (random, said) = (new Random(seed), new List<string>());
        for (var i = 0; i < Requests; i++)
        {
            var isFirst = random.Next(3) > 0;
            var client = isFirst ? a : b;
            var request = Next(random, root, isFirst);
            var reply = await client.CallAsync(request.Type, request.Body);
            var answer = reply.Error == 0 ? Describe(request.Type, reply.In, client.SessionId) : $"{reply.Error}";
            var events = $"{string.Join(' ', await a.EventsAsync())} | {string.Join(' ', await b.EventsAsync())}";
            said.Add($"{request.Text} → {answer} [{events}]".Replace(root, "", StringComparison.Ordinal));
        }

        return said;
    }

    private static (int Type, JuteOut Body, string Text) Next(Random random, string root, bool isFirst)
    {
        var names = (string[])["a", "b", "c"];
        var path = root;
        for (var depth = random.Next(4); depth > 0; depth--)
        {
            path += $"/{names[random.Next(names.Length)]}";
        }

        var version = random.Next(4) == 0 ? random.Next(3) : -1;
        var data = random.Next(8) == 0 ? null : new string('x', random.Next(20));
        var isWatched = isFirst && random.Next(3) == 0;
        return random.Next(isFirst ? 17 : 14) switch
        {
            0 or 1 or 2 => Create(1),
            3 => Create(15),
            4 or 5 => (2, new JuteOut().Text(path).Int(version), $"delete {path} {version}"),
            6 => (5, new JuteOut().Text(path).Text(data).Int(version), $"set {path} {data?.Length} {version}"),
            7 => (4, new JuteOut().Text(path).Bool(isWatched), $"get {path} {isWatched}"),
            8 => (3, new JuteOut().Text(path).Bool(isWatched), $"exists {path} {isWatched}"),
            9 => (12, new JuteOut().Text(path).Bool(isWatched), $"children2 {path} {isWatched}"),
            10 => (8, new JuteOut().Text(path).Bool(isWatched), $"children {path} {isWatched}"),
            11 or 12 => Multi(),
            13 => isFirst
                ? (18, new JuteOut().Text(path).Int(1 + (version & 1)), $"remove watches {path} {1 + (version & 1)}")
                : path.Length % 4 < 2
                    ? (106, new JuteOut().Text(path).Int(path.Length % 4 == 0 ? 0 : 1), $"add watch {path}")
                    : (18, new JuteOut().Text(path).Int(3), $"remove any watch {path}"),
            14 => SetAcl(),
            15 => (6, new JuteOut().Text(path), $"get acl {path}"),
            _ => (103, new JuteOut().Text(path), $"ephemerals {path}"),
        };

        (int, JuteOut, string) Create(int type)
        {
            var flags = random.Next(6) switch { 0 => 1, 1 => 2, 2 => 3, _ => 0 };
            return (type, RawClient.CreateBody(path, data, flags, Acl.Open), $"create {path} {data?.Length} {flags}");
        }

        (int, JuteOut, string) SetAcl()
        {
            var acl = random.Next(5) switch
            {
                0 => (Acl[])[new(random.Next(32), "world", "anyone"), new(31, "auth", "")],
                1 => [new(31, "ip", "127.0.0.1")],
                2 => [],
                _ => Acl.Open,
            };
            return (7, new JuteOut().Text(path).Acl(acl).Int(version), $"set acl {path} {acl.Length} {version}");
        }

        (int, JuteOut, string) Multi()
        {
            var (body, text) = (new JuteOut(), new StringBuilder("multi"));
            for (var parts = random.Next(1, 5); parts > 0; parts--)
            {
                var child = $"{path}/{names[random.Next(names.Length)]}";
                var (part, name) = random.Next(4) switch
                {
                    0 => (RawClient.CreatePart(child, random.Next(4) == 0 ? RawClient.Sequential : 0), "create"),
                    1 => (RawClient.DeletePart(child, version), "delete"),
                    2 => (RawClient.SetPart(child, "m", version), "set"),
                    _ => (RawClient.CheckPart(path, version), "check"),
                };
                body.Raw(part.Bytes);
                text.Append(CultureInfo.InvariantCulture, $" {name} {child}");
            }

            return (14, body.Int(-1).Bool(true).Int(-1), $"{text} {version}");
        }
    }

    private static string Describe(int type, JuteIn reader, long session) => type switch
    {
        1 => $"{reader.Text()}",
        15 => $"{reader.Text()} {Describe(reader.Stat(), session)}",
        3 or 5 or 7 => Describe(reader.Stat(), session),
        4 => $"{reader.Text() ?? "null"} {Describe(reader.Stat(), session)}",
        6 => $"{string.Join(',', reader.Acls().Select(acl => $"{acl}").Order(StringComparer.Ordinal))} {Describe(reader.Stat(), session)}",
        8 or 103 => string.Join(',', reader.Texts().Order(StringComparer.Ordinal)),
        12 => $"{string.Join(',', reader.Texts().Order(StringComparer.Ordinal))} {Describe(reader.Stat(), session)}",
        14 => DescribeMulti(reader, session),
        _ => reader.IsAtEnd ? "" : $"{reader.Int()}",
    };

    private static string DescribeMulti(JuteIn reader, long session)
    {
        var text = new StringBuilder();
        while (true)
        {
            var (type, isDone, error) = (reader.Int(), reader.Bool(), reader.Int());
            if (isDone)
            {
                return text.ToString();
            }

            text.Append(
                CultureInfo.InvariantCulture, $"({type} {error} {(type is 2 or 13 ? "" : type == -1 ? $"{reader.Int()}" : Describe(type, reader, session))})");
        }
    }

    private static string Describe(Stat stat, long session) =>
        $"v{stat.Version} c{stat.Cversion} a{stat.Aversion} {(stat.EphemeralOwner == 0 ? "-" : stat.EphemeralOwner == session ? "mine" : "other")} "
        + $"{stat.DataLength}B {stat.NumChildren}n {(stat.Czxid == stat.Mzxid ? "new" : "changed")} {(stat.Pzxid == stat.Czxid ? "bare" : "grown")}";
}
