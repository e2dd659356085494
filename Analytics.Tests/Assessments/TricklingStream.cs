namespace Analytics.Tests.Assessments;

/// <summary>Bytes that come in pieces of 1 to <paramref name="most"/>, as a seed has it.</summary>
internal sealed class TricklingStream(byte[] bytes, int most, int seed) : MemoryStream(bytes)
{
    private readonly Random _random = new(seed);

    // A MemoryStream's other ways of reading come here.
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, _random.Next(1, most + 1)));
}
