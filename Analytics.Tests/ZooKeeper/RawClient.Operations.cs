using System.Text;

namespace Analytics.Tests.ZooKeeper;

/// <summary>The operations, each with its error (0 for none) and what it answers.</summary>
internal sealed partial class RawClient
{
    public const int Ephemeral = 1;
    public const int Sequential = 2;
    public const int NoNode = -101;
    public const int NoAuth = -102;
    public const int BadVersion = -103;
    public const int NoChildrenForEphemerals = -108;
    public const int NodeExists = -110;
    public const int NotEmpty = -111;
    public const int InvalidAcl = -114;
    public const int AuthFailed = -115;
    public const int NoWatcher = -121;
    public const int BadArguments = -8;
    public const int MarshallingError = -5;
    public const int Unimplemented = -6;

    public async Task<(int Error, string? Path)> CreateAsync(string path, string? data = "", int flags = 0, Acl[]? acl = null)
    {
        var reply = await CallAsync(1, CreateBody(path, data, flags, acl ?? Acl.Open));
        return (reply.Error, reply.Error == 0 ? reply.In.Text() : null);
    }

    /// <summary>create2 (15), createContainer (19), and with a time to live createTTL (21).</summary>
    public async Task<(int Error, string? Path, Stat? Stat)> Create2Async(string path, int type = 15, int flags = 0, long? ttl = null, string? data = "")
    {
        var body = CreateBody(path, data, flags, Acl.Open);
        var reply = await CallAsync(type, ttl is { } time ? body.Long(time) : body);
        var reader = reply.In;
        return reply.Error == 0 ? (0, reader.Text(), reader.Stat()) : (reply.Error, null, null);
    }

    public async Task<int> DeleteAsync(string path, int version = -1) => (await CallAsync(2, new JuteOut().Text(path).Int(version))).Error;

    public async Task<(int Error, Stat? Stat)> ExistsAsync(string path, bool watch = false)
    {
        var reply = await CallAsync(3, new JuteOut().Text(path).Bool(watch));
        return (reply.Error, reply.Error == 0 ? reply.In.Stat() : null);
    }

    public async Task<(int Error, string? Data, Stat? Stat)> GetAsync(string path, bool watch = false)
    {
        var reply = await CallAsync(4, new JuteOut().Text(path).Bool(watch));
        var reader = reply.In;
        return reply.Error == 0 ? (0, reader.Text(), reader.Stat()) : (reply.Error, null, null);
    }

    public async Task<(int Error, Stat? Stat)> SetAsync(string path, string? data, int version = -1)
    {
        var reply = await CallAsync(5, new JuteOut().Text(path).Text(data).Int(version));
        return (reply.Error, reply.Error == 0 ? reply.In.Stat() : null);
    }

    public async Task<(int Error, string?[] Names, Stat? Stat)> ChildrenAsync(string path, bool watch = false)
    {
        var reply = await CallAsync(12, new JuteOut().Text(path).Bool(watch));
        var reader = reply.In;
        return reply.Error == 0 ? (0, [.. reader.Texts().Order(StringComparer.Ordinal)], reader.Stat()) : (reply.Error, [], null);
    }

    public async Task<(int Error, Acl[] Acl, Stat? Stat)> GetAclAsync(string path)
    {
        var reply = await CallAsync(6, new JuteOut().Text(path));
        var reader = reply.In;
        return reply.Error == 0 ? (0, reader.Acls(), reader.Stat()) : (reply.Error, [], null);
    }

    public async Task<int> SetAclAsync(string path, Acl[]? acl, int version = -1) => (await CallAsync(7, new JuteOut().Text(path).Acl(acl).Int(version))).Error;

    public async Task<int> AuthenticateAsync(string scheme, string secret) =>
        (await CallAsync(100, new JuteOut().Int(0).Text(scheme).Buffer(Encoding.UTF8.GetBytes(secret)), -4)).Error;

    public async Task<int> AddWatchAsync(string path, int mode) => (await CallAsync(106, new JuteOut().Text(path).Int(mode))).Error;

    public async Task<int> RemoveWatchesAsync(string path, int type) => (await CallAsync(18, new JuteOut().Text(path).Int(type))).Error;

    public async Task<int> CheckWatchesAsync(string path, int type) => (await CallAsync(17, new JuteOut().Text(path).Int(type))).Error;

    /// <summary>A multi's error and its results, each as a word: `create /a`, `create2 /a 0`, `delete`, `set 1`, `check`, or `error -101`.</summary>
    public async Task<(int Error, string[] Results)> MultiAsync(params JuteOut[] parts) => await MultiAsync(14, parts);

    public async Task<(int Error, string[] Results)> MultiAsync(int type, JuteOut[] parts)
    {
        var body = new JuteOut();
        foreach (var part in parts)
        {
            body.Raw(part.Bytes);
        }

        var reply = await CallAsync(type, body.Int(-1).Bool(true).Int(-1));
        return (reply.Error, reply.Error == 0 ? Results(reply.In) : []);
    }

    public static JuteOut CreatePart(string path, int flags = 0, string? data = "", int type = 1) =>
        Part(type).Raw(CreateBody(path, data, flags, Acl.Open).Bytes);

    public static JuteOut DeletePart(string path, int version = -1) => Part(2).Text(path).Int(version);

    public static JuteOut SetPart(string path, string data, int version = -1) => Part(5).Text(path).Text(data).Int(version);

    public static JuteOut CheckPart(string path, int version) => Part(13).Text(path).Int(version);

    public static JuteOut GetPart(string path) => Part(4).Text(path).Bool(false);

    public static JuteOut ChildrenPart(string path) => Part(8).Text(path).Bool(false);

    public static JuteOut CreateBody(string path, string? data, int flags, Acl[]? acl) => new JuteOut().Text(path).Text(data).Acl(acl).Int(flags);

    private static JuteOut Part(int type) => new JuteOut().Int(type).Bool(false).Int(-1);

    private static string[] Results(JuteIn reader)
    {
        var results = new List<string>();
        while (true)
        {
            var (type, isDone, _) = (reader.Int(), reader.Bool(), reader.Int());
            if (isDone)
            {
                Assert.True(reader.IsAtEnd);
                return [.. results];
            }

            results.Add(type switch
            {
                1 => $"create {reader.Text()}",
                15 => $"create2 {reader.Text()} {reader.Stat().Version}",
                2 => "delete",
                4 => $"get {reader.Text()} {reader.Stat().Version}",
                5 => $"set {reader.Stat().Version}",
                8 => $"children {string.Join(',', reader.Texts().Order(StringComparer.Ordinal))}",
                13 => "check",
                -1 => $"error {reader.Int()}",
                _ => throw new InvalidDataException($"a result of type {type}"),
            });
        }
    }
}
