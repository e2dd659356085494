using Microsoft.Extensions.Logging;
using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>
/// The connect request, which has no op code, createSession (-10), closeSession (-11), whoAmI (107). Clients of 3.4 leave out the last
/// field, readOnly, and get an answer without it. This server is never read-only, so that it serves clients that would have one that is.
/// </summary>
internal static partial class Connecting
{
    private const int PasswordLength = 16;

    /// <summary>Makes a session or takes one over, and answers; false if the connection is to be closed without an answer.</summary>
    public static bool Connect(Database database, Client client, ReadOnlySpan<byte> request, long started)
    {
        var reader = new JuteReader(request);
        reader.Int(); // the version of the protocol, 0
        var (seen, timeout, sessionId, password) = (reader.Long(), reader.Int(), reader.Long(), reader.Buffer() ?? []);
        var knowsReadOnly = reader.Remaining > 0;
        if (seen > database.LastZxid)
        {
            LogAhead(database.Options.Logger, client.Remote, seen, database.LastZxid);
            return false;
        }

        client.TimeoutMs = Math.Clamp(timeout, database.Options.MinSessionTimeoutMs, database.Options.MaxSessionTimeoutMs);
        var session = sessionId == 0 ? Begin(database, client) : Resume(database, client, sessionId, password);
        var answer = database.Answer;
        answer.Clear(64 * 1024);
        answer.Int(0);
        answer.Int(0); // the version of the protocol
        answer.Int(session is null ? 0 : client.TimeoutMs);
        answer.Long(session?.Id ?? 0);
        answer.Buffer(session is null ? new byte[PasswordLength] : database.Sessions.Password(session.Id));
        if (knowsReadOnly)
        {
            answer.Bool(false);
        }

        answer.PatchInt(0, answer.Length - sizeof(int));
        client.Enqueue(answer.Span, database.LastZxid, started, OpCode.CreateSession);
        if (session is null)
        {
            client.Outbox.CloseWhenSent();
        }

        return true;
    }

    public static ErrorCode WhoAmI(Client client, JuteWriter answer)
    {
        answer.Int(client.Identities.Count);
        foreach (var identity in client.Identities)
        {
            answer.String(identity.Scheme);
            answer.String(identity.Scheme == "digest" ? identity.Id.Split(':')[0] : identity.Id);
        }

        return ErrorCode.Ok;
    }

    private static Session Begin(Database database, Client client)
    {
        var session = database.Sessions.Add(client.TimeoutMs);
        database.Commit(session.Id, 0, OpCode.CreateSession, new CreateSessionTransaction(client.TimeoutMs));
        (session.Client, client.Session) = (client, session);
        return session;
    }

    /// <summary>Null if it is over, or the password is wrong. An older connection of the session is closed.</summary>
    private static Session? Resume(Database database, Client client, long id, byte[] password)
    {
        if (database.Sessions.Find(id) is not { } session)
        {
            return null;
        }

        if (!database.Sessions.IsPassword(id, password))
        {
            LogPassword(database.Options.Logger, client.Remote, id);
            return null;
        }

        if (session.Client is { } before)
        {
            before.Session = null;
            before.Outbox.Dispose();
            database.Tree.DataWatches.RemoveAll(before);
            database.Tree.ChildWatches.RemoveAll(before);
        }

        (session.Client, client.Session) = (client, session);
        database.Sessions.Touch(session, client.TimeoutMs);
        return session;
    }

    [LoggerMessage(33, LogLevel.Warning, "Refused {Remote}, which has seen transaction 0x{Seen:x}: this server's last is 0x{Last:x}")]
    private static partial void LogAhead(ILogger logger, System.Net.IPEndPoint remote, long seen, long last);

    [LoggerMessage(34, LogLevel.Warning, "Refused {Remote}, which has a wrong password for the session 0x{Id:x}")]
    private static partial void LogPassword(ILogger logger, System.Net.IPEndPoint remote, long id);
}
