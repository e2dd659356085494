using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>
/// A request of a client that has a session: its header, its family, its answer. Answered here: sync (9), which on one node is a reply;
/// ping (11); reconfig (16), refused, since there is one node; sasl (102), refused.
/// </summary>
internal static class Requests
{
    private const int AnswerHeader = sizeof(int) + sizeof(int) + sizeof(long) + sizeof(int);
    private const int KeptAnswer = 64 * 1024;

    /// <summary>Works on a request under the database's lock.</summary>
    /// <exception cref="MalformedException">It has not even a header.</exception>
    public static void Process(Database database, Client client, ReadOnlySpan<byte> request, long started)
    {
        var reader = new JuteReader(request);
        var (xid, type) = (reader.Int(), (OpCode)reader.Int());
        var answer = database.Answer;
        answer.Clear(KeptAnswer);
        answer.Int(0);
        answer.Int(xid);
        answer.Long(0);
        answer.Int(0);
        var isLast = false;
        ErrorCode error;
        if (type == OpCode.Auth)
        {
            error = AuthenticateOrRefuse(database, client, ref reader);
            isLast = error != ErrorCode.Ok;
        }
        else if (client.Session is { } session && database.Sessions.Find(session.Id) == session)
        {
            database.Sessions.Touch(session, client.TimeoutMs);
            error = Run(database, client, type, xid, ref reader, answer);
            isLast = type == OpCode.CloseSession || !IsKnown(type);
        }
        else
        {
            return; // the session is over, and the connection about to be
        }

        if (error != ErrorCode.Ok)
        {
            answer.Truncate(AnswerHeader);
        }

        if (type != OpCode.Ping)
        {
            client.Last = (type, xid, database.LastZxid, database.Options.Time.GetUtcNow());
        }

        answer.PatchInt(0, answer.Length - sizeof(int));
        answer.PatchLong(8, type == OpCode.Auth ? 0 : database.LastZxid);
        answer.PatchInt(16, (int)error);
        client.Enqueue(answer.Span, database.LastZxid, started, type);
        if (isLast)
        {
            client.Outbox.CloseWhenSent();
        }
    }

    private static bool IsKnown(OpCode type) => type is OpCode.Ping or OpCode.Sync or OpCode.Reconfig or OpCode.CloseSession
        or (>= OpCode.Create and <= OpCode.GetChildren) or OpCode.GetChildren2 or OpCode.Multi or OpCode.Create2
        or (>= OpCode.CheckWatches and <= OpCode.MultiRead) or OpCode.SetWatches or (>= OpCode.GetEphemerals and <= OpCode.WhoAmI);

    private static ErrorCode AuthenticateOrRefuse(Database database, Client client, ref JuteReader reader)
    {
        try
        {
            return Acls.Authenticate(database, client, ref reader);
        }
        catch (MalformedException)
        {
            return ErrorCode.AuthFailed;
        }
    }

    private static ErrorCode Run(Database database, Client client, OpCode type, int xid, ref JuteReader reader, JuteWriter answer)
    {
        try
        {
            return type switch
            {
                OpCode.Ping => ErrorCode.Ok,
                OpCode.Exists => Reads.Exists(database, client, ref reader, answer),
                OpCode.GetData => Reads.GetData(database, client, ref reader, answer),
                OpCode.GetChildren => Reads.GetChildren(database, client, ref reader, answer, hasStat: false),
                OpCode.GetChildren2 => Reads.GetChildren(database, client, ref reader, answer, hasStat: true),
                OpCode.GetEphemerals => Reads.GetEphemerals(database, client, ref reader, answer),
                OpCode.GetAllChildrenNumber => Reads.GetAllChildrenNumber(database, client, ref reader, answer),
                OpCode.MultiRead => Multi.Read(database, client, ref reader, answer),
                OpCode.GetAcl => Acls.Get(database, client, ref reader, answer),
                OpCode.AddWatch => Watching.Add(database, client, ref reader, answer),
                OpCode.CheckWatches => Watching.Check(database, client, ref reader),
                OpCode.RemoveWatches => Watching.Remove(database, client, ref reader),
                OpCode.SetWatches => Watching.Set(database, client, ref reader, hasPersistent: false),
                OpCode.SetWatches2 => Watching.Set(database, client, ref reader, hasPersistent: true),
                OpCode.Sync => Sync(ref reader, answer),
                OpCode.WhoAmI => Connecting.WhoAmI(client, answer),
                OpCode.Reconfig => ErrorCode.ReconfigDisabled,
                OpCode.CloseSession => Close(database, client, xid),
                _ => ReadWrite(type, ref reader) is { } write ? Write(database, client, xid, write, answer) : ErrorCode.Unimplemented,
            };
        }
        catch (RefusedException refused)
        {
            return refused.Code;
        }
        catch (MalformedException)
        {
            return ErrorCode.MarshallingError;
        }
    }

    private static WriteRequest? ReadWrite(OpCode type, ref JuteReader reader) => type switch
    {
        OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl => CreateRequest.Read(type, ref reader),
        OpCode.Delete or OpCode.DeleteContainer => DeleteRequest.Read(type, ref reader),
        OpCode.SetData => SetDataRequest.Read(ref reader),
        OpCode.SetAcl => SetAclRequest.Read(ref reader),
        OpCode.Multi => MultiRequest.Read(ref reader),
        _ => null,
    };

    private static ErrorCode Write(Database database, Client client, int xid, WriteRequest write, JuteWriter answer)
    {
        var (type, change) = write.Prepare(new(database, client, isMulti: write is MultiRequest));
        if (change is MultiTransaction { Parts: [(OpCode.Error, _), ..] refused })
        {
            foreach (var (_, part) in refused)
            {
                Multi.WriteError(answer, ((ErrorTransaction)part).Error);
            }

            Multi.WriteEnd(answer);
            return ErrorCode.Ok;
        }

        var outcome = database.Commit(client.SessionId, xid, type, change);
        if (outcome.Parts is not { } parts)
        {
            WriteOutcome(outcome, answer);
            return outcome.Error;
        }

        foreach (var part in parts)
        {
            // What creates with a stat is answered as create2.
            var answered = part.Type is OpCode.CreateTtl or OpCode.CreateContainer ? OpCode.Create2 : part.Type;
            Multi.WriteHeader(answer, answered, isDone: false, ErrorCode.Ok);
            WriteOutcome(part, answer);
        }

        Multi.WriteEnd(answer);
        return ErrorCode.Ok;
    }

    private static void WriteOutcome(in Outcome outcome, JuteWriter answer)
    {
        if (outcome.Type is OpCode.Create or OpCode.Create2 or OpCode.CreateTtl or OpCode.CreateContainer)
        {
            answer.String(outcome.Path);
        }

        if (outcome.Type is not OpCode.Create && outcome.Stat is { } stat)
        {
            stat.Write(answer);
        }
    }

    private static ErrorCode Sync(ref JuteReader reader, JuteWriter answer)
    {
        answer.String(reader.String());
        return ErrorCode.Ok;
    }

    private static ErrorCode Close(Database database, Client client, int xid)
    {
        database.End(client.Session!, xid);
        return ErrorCode.Ok;
    }
}
