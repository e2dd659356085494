namespace Ingest.Worker.Batches;

/// <summary>
/// From where on a partition's records were written under one of Kafka's leader epochs. Each leader has an epoch of its own, so a record is told by its offset and
/// its epoch (KIP-101).
/// </summary>
internal readonly record struct LeaderEpoch(int Epoch, long FirstOffset);
