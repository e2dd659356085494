using System.Globalization;

namespace Kafka.Broker.Settings;

/// <summary>The types that Kafka has for settings, by their numbers in DescribeConfigs.</summary>
internal enum SettingType
{
    Boolean = 1,
    String = 2,
    Long = 5,
    Double = 6,
    List = 7,
}

/// <summary>A setting of the broker or of a topic under Kafka's name, with its default and the values that it may have.</summary>
internal sealed class Setting
{
    private readonly Func<string, string?> _refuse;

    private Setting(string name, SettingType type, string defaultValue, Func<string, string?> refuse) =>
        (Name, Type, Default, _refuse) = (name, type, defaultValue, refuse);

    public string Name { get; }

    public SettingType Type { get; }

    public string Default { get; }

    /// <summary>Null if the value may be, else why not: the end of a sentence.</summary>
    public string? Refuse(string value) => _refuse(value.Trim());

    public static Setting Number(string name, string defaultValue, long min = long.MinValue, long max = long.MaxValue) => new(
        name,
        SettingType.Long,
        defaultValue,
        value => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? null
            : $"it is a whole number from {min} to {max}");

    /// <summary>A level of compression: a range of numbers, or one that stands for the default.</summary>
    public static Setting Level(string name, string defaultValue, int min, int max, int otherwise) => new(
        name,
        SettingType.Long,
        defaultValue,
        value => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level)
            && ((level >= min && level <= max) || level == otherwise)
            ? null
            : $"it is a whole number from {min} to {max} or {otherwise}");

    public static Setting Ratio(string name, string defaultValue) => new(
        name,
        SettingType.Double,
        defaultValue,
        value => double.TryParse(value, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? null : "it is a number from 0 to 1");

    public static Setting Word(string name, string defaultValue, params string[] words) => new(
        name, SettingType.String, defaultValue, value => words.Contains(value) ? null : $"it is {string.Join(" or ", words)}");

    public static Setting Flag(string name, string defaultValue) => new(
        name,
        SettingType.Boolean,
        defaultValue,
        value => bool.TryParse(value, out _) ? null : "it is true or false");

    /// <summary>Words with commas between them; none at all is a value too.</summary>
    public static Setting List(string name, string defaultValue, Func<string, bool> isElement, string elements) => new(
        name,
        SettingType.List,
        defaultValue,
        value => ElementsOf(value).All(isElement) ? null : $"it is a list, with commas, of {elements}");

    /// <summary>The value in the form in which it is kept.</summary>
    public string Normalize(string value) => Type switch
    {
        SettingType.List => string.Join(',', ElementsOf(value).Distinct()),
        SettingType.Boolean => value.Trim().ToLowerInvariant(),
        _ => value.Trim(),
    };

    public static string[] ElementsOf(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
