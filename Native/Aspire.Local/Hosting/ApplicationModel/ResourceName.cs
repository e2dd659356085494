namespace Aspire.Hosting.ApplicationModel;

/// <summary>The rule that resource names and endpoint names keep, so that they fit into DNS names and variable names.</summary>
internal static class ResourceName
{
    private const int MaxLength = 64;

    public static void Validate(string name, string kind = "resource")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var wrong = name.Length > MaxLength
            || !char.IsAsciiLetter(name[0])
            || name.EndsWith('-')
            || name.Contains("--", StringComparison.Ordinal)
            || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-');
        if (wrong)
        {
            throw new ArgumentException(
                $"The {kind} name '{name}' is not valid: use ASCII letters, digits and single hyphens, start with a letter, end without a hyphen, at most {MaxLength} characters.",
                nameof(name));
        }
    }

    public static bool Same(string? left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
