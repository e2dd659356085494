using System.Globalization;

namespace ZooKeeper.Settings;

/// <summary>A setting of the server under ZooKeeper's name, with its default and the values that it may have.</summary>
internal sealed class Setting
{
    private readonly Func<string, string?> _refuse;

    private Setting(string name, string defaultValue, Func<string, string?> refuse) => (Name, Default, _refuse) = (name, defaultValue, refuse);

    public string Name { get; }

    public string Default { get; }

    /// <summary>Null if the value may be, else why not: the end of a sentence.</summary>
    public string? Refuse(string value) => _refuse(value.Trim());

    public static Setting Number(string name, string defaultValue, long min, long max = int.MaxValue) => new(
        name,
        defaultValue,
        value => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? null
            : $"it is a whole number from {min} to {max}");

    public static Setting Flag(string name, string defaultValue) =>
        new(name, defaultValue, value => bool.TryParse(value, out _) ? null : "it is true or false");

    public static Setting Text(string name, string defaultValue) => new(name, defaultValue, _ => null);
}
