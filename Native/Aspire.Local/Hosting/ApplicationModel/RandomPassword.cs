using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes passwords.</summary>
internal static class RandomPassword
{
    // Without the letters and digits that look like others.
    public const string LowerCase = "abcdefghjkmnpqrstuvwxyz";
    public const string UpperCase = "ABCDEFGHJKMNPQRSTUVWXYZ";
    public const string Digits = "0123456789";
    public const string SpecialCharacters = "-_.{}~()*+!";

    public static string Create(int length, ReadOnlySpan<Alphabet> alphabets)
    {
        var all = "";
        var picked = new List<char>();
        foreach (var alphabet in alphabets)
        {
            if (!alphabet.Allowed)
            {
                continue;
            }

            all += alphabet.Characters;
            picked.AddRange(RandomNumberGenerator.GetItems<char>(alphabet.Characters, alphabet.AtLeast));
        }

        if (all.Length == 0)
        {
            throw new ArgumentException("A password needs at least one kind of character.", nameof(alphabets));
        }

        picked.AddRange(RandomNumberGenerator.GetItems<char>(all, Math.Max(0, length - picked.Count)));
        var password = picked.ToArray();
        RandomNumberGenerator.Shuffle<char>(password);
        return new string(password);
    }

    public readonly record struct Alphabet(string Characters, bool Allowed, int AtLeast);
}
