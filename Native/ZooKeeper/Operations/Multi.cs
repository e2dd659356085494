using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>
/// multi (14): creates, deletes, setData and checks, all or none, under one zxid. If one is refused, those before it are answered with 0,
/// it with its error, and those after it with -2.
/// </summary>
internal sealed record MultiRequest(WriteRequest[] Parts) : WriteRequest(OpCode.Multi)
{
    public static MultiRequest Read(ref JuteReader reader)
    {
        var parts = new List<WriteRequest>();
        for (var (type, isDone) = Multi.ReadHeader(ref reader); !isDone; (type, isDone) = Multi.ReadHeader(ref reader))
        {
            parts.Add(type switch
            {
                OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl => CreateRequest.Read(type, ref reader),
                OpCode.Delete => DeleteRequest.Read(type, ref reader),
                OpCode.SetData => SetDataRequest.Read(ref reader),
                OpCode.Check => CheckRequest.Read(ref reader),
                _ => throw new MalformedException($"a multi has a part of type {(int)type}"),
            });
        }

        return new([.. parts]);
    }

    public override (OpCode Type, Transaction Change) Prepare(Preparation preparation)
    {
        var changes = new (OpCode, Transaction)[Parts.Length];
        for (var i = 0; i < Parts.Length; i++)
        {
            try
            {
                changes[i] = Parts[i].Prepare(preparation);
            }
            catch (RefusedException refused)
            {
                for (var other = 0; other < Parts.Length; other++)
                {
                    var error = other < i ? ErrorCode.Ok : other == i ? refused.Code : ErrorCode.RuntimeInconsistency;
                    changes[other] = (OpCode.Error, new ErrorTransaction(error));
                }

                break;
            }
        }

        return (Type, new MultiTransaction(changes));
    }
}

/// <summary>The frame around a multi's parts, and multiRead (22): getChildren and getData, each with its own error.</summary>
internal static class Multi
{
    public static (OpCode Type, bool IsDone) ReadHeader(ref JuteReader reader)
    {
        var header = ((OpCode)reader.Int(), reader.Bool());
        reader.Int(); // an error, which a request has not
        return header;
    }

    public static void WriteHeader(JuteWriter answer, OpCode type, bool isDone, ErrorCode error)
    {
        answer.Int((int)type);
        answer.Bool(isDone);
        answer.Int((int)error);
    }

    /// <summary>After the last part.</summary>
    public static void WriteEnd(JuteWriter answer) => WriteHeader(answer, OpCode.Error, isDone: true, (ErrorCode)(-1));

    public static void WriteError(JuteWriter answer, ErrorCode error)
    {
        WriteHeader(answer, OpCode.Error, isDone: false, error);
        answer.Int((int)error);
    }

    public static ErrorCode Read(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        for (var (type, isDone) = ReadHeader(ref reader); !isDone; (type, isDone) = ReadHeader(ref reader))
        {
            var start = answer.Length;
            WriteHeader(answer, type, isDone: false, ErrorCode.Ok);
            var error = type switch
            {
                OpCode.GetData => Reads.GetData(database, client, ref reader, answer),
                OpCode.GetChildren => Reads.GetChildren(database, client, ref reader, answer, hasStat: false),
                _ => throw new MalformedException($"a multiRead has a part of type {(int)type}"),
            };
            if (error != ErrorCode.Ok)
            {
                answer.Truncate(start);
                WriteError(answer, error);
            }
        }

        WriteEnd(answer);
        return ErrorCode.Ok;
    }
}
