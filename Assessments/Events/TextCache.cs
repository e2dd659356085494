using System.Text;

namespace Assessments;

/// <summary>
/// Gives one string for the same bytes, so that names and ids that many events share are not made anew each time.
/// Bounded: a slot holds one short text, and a newer text with the same slot takes its place.
/// </summary>
internal sealed class TextCache
{
    private const int Slots = 8192;
    private const int LongestBytes = 128;
    private readonly string?[] _slots = new string?[Slots];

    /// <summary>The text of <paramref name="utf8"/>, which must be valid UTF-8.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestBytes)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var slot = ref _slots[Hash(utf8) & (Slots - 1)];
        if (slot is not null && slot.Length == utf8.Length && Ascii.Equals(utf8, slot))
        {
            return slot;
        }

        var text = Encoding.UTF8.GetString(utf8);
        slot = text;
        return text;
    }

    /// <summary>Mixes length, head, middle and tail: enough to spread UUIDs and names over the slots; a collision costs only one string.</summary>
    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = (ulong)utf8.Length;
        if (utf8.Length >= 8)
        {
            hash = (hash ^ BitConverter.ToUInt64(utf8)) * 0x9E3779B97F4A7C15;
            hash = (hash ^ (hash >> 29) ^ BitConverter.ToUInt64(utf8[((utf8.Length - 8) / 2)..])) * 0xBF58476D1CE4E5B9;
            hash = (hash ^ (hash >> 32) ^ BitConverter.ToUInt64(utf8[^8..])) * 0x94D049BB133111EB;
        }
        else
        {
            foreach (var b in utf8)
            {
                hash = (hash ^ b) * 0x100000001B3;
            }
        }

        return (int)(hash >> 40);
    }
}
