using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Assessments;

/// <summary>Names for addresses: <c>Learning Git</c> becomes <c>learning-git</c>.</summary>
public static class Slug
{
    // Room for what tells it from another name's.
    private const int MaxLength = EventLimits.TextLength - 10;

    /// <summary>
    /// The slug of a name: its letters and digits, of any script, in lower case, every other run a single hyphen; an apostrophe vanishes;
    /// <c>#</c> and <c>+</c> are spelled out, since C, C# and C++ are different courses.
    /// What is longer than an address may carry is cut.
    /// </summary>
    /// <param name="name">As <see cref="CourseName"/> gives it, in Unicode's form C.</param>
    /// <returns>Never empty: a name with no letter or digit gives <c>unnamed</c>. Two names may share a slug.</returns>
    public static string From(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slug = new StringBuilder(name.Length);
        var hyphenDue = false;
        foreach (var rune in name.EnumerateRunes())
        {
            var spelled = rune.Value switch
            {
                '#' => "-sharp",
                '+' => "-plus",
                _ when Rune.IsLetterOrDigit(rune)
                    || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark =>
                    Rune.ToLowerInvariant(rune).ToString(),
                '\'' or '’' => "",
                _ => "-",
            };
            if (spelled.StartsWith('-'))
            {
                hyphenDue = slug.Length > 0;
                spelled = spelled[1..];
            }

            if (spelled.Length == 0)
            {
                continue;
            }

            if (hyphenDue)
            {
                slug.Append('-');
                hyphenDue = false;
            }

            slug.Append(spelled);
        }

        if (slug.Length > MaxLength)
        {
            slug.Length = char.IsHighSurrogate(slug[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        }

        return slug.Length == 0 ? "unnamed" : slug.ToString();
    }

    /// <summary>The slug of a name whose plain one belongs to another name: it goes on with <c>~</c>, which no plain one has, and a hash of the name.</summary>
    public static string WithHash(string name) =>
        $"{From(name)}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}";

    /// <summary>
    /// Which of two names that share a slug has it plain, by the names alone: one in capital and small letters before one that is all of a kind, then the
    /// shorter, then the first by its code points.
    /// </summary>
    public static bool IsPreferred(string name, string other) => Order(name).CompareTo(Order(other)) switch
    {
        0 => string.CompareOrdinal(name, other) < 0,
        var order => order < 0,
    };

    private static (bool IsOfOneCase, int Length) Order(string name) => (!(name.Any(char.IsUpper) && name.Any(char.IsLower)), name.Length);
}
