namespace ZooKeeper.Protocol;

/// <summary>What a reply's header says of a request, by ZooKeeper's numbers.</summary>
internal enum ErrorCode
{
    Ok = 0,
    SystemError = -1,
    RuntimeInconsistency = -2,
    MarshallingError = -5,
    Unimplemented = -6,
    BadArguments = -8,
    NoNode = -101,
    NoAuth = -102,
    BadVersion = -103,
    NoChildrenForEphemerals = -108,
    NodeExists = -110,
    NotEmpty = -111,
    SessionExpired = -112,
    InvalidAcl = -114,
    AuthFailed = -115,
    NoWatcher = -121,
    ReconfigDisabled = -123,
    QuotaExceeded = -125,
}

/// <summary>A request that is refused with an error code.</summary>
internal sealed class RefusedException(ErrorCode code) : Exception
{
    public ErrorCode Code => code;

    public override string Message => code.ToString();
}

/// <summary>Bytes that are not what the protocol says they should be.</summary>
internal sealed class MalformedException(string message) : Exception(message);
