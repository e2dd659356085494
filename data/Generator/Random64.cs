namespace Data.Generator;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed on every machine and version, and a stream of its own for every counter.
/// </summary>
internal struct Random64(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>The stream of numbers for one thing out of many, such as one attempt.</summary>
    public static Random64 For(ulong seed, ulong counter) => new(Mix(Mix(seed + Golden) ^ Mix(counter * Golden + 1)));

    /// <summary>A permutation of the 64-bit numbers that looks like chance.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public ulong Next() => Mix(_state += Golden);

    /// <summary>0 ≤ result &lt; <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    /// <summary>0 ≤ result &lt; 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Of the standard normal distribution (Box and Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>Of the exponential distribution with mean 1.</summary>
    public double Exponential() => -Math.Log(1 - Unit());

    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
