namespace ZooKeeper.Protocol;

/// <summary>What clients are told of a node, beside its data.</summary>
internal readonly record struct Stat(
    long Czxid,
    long Mzxid,
    long Ctime,
    long Mtime,
    int Version,
    int Cversion,
    int Aversion,
    long EphemeralOwner,
    int DataLength,
    int NumChildren,
    long Pzxid)
{
    public void Write(JuteWriter writer)
    {
        writer.Long(Czxid);
        writer.Long(Mzxid);
        writer.Long(Ctime);
        writer.Long(Mtime);
        writer.Int(Version);
        writer.Int(Cversion);
        writer.Int(Aversion);
        writer.Long(EphemeralOwner);
        writer.Int(DataLength);
        writer.Int(NumChildren);
        writer.Long(Pzxid);
    }
}
