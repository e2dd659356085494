using System.Globalization;

namespace Analytics.Api.Filters;

/// <summary>The parameter <c>passMark</c>: percent that a score must be over to pass.</summary>
internal static class PassMark
{
    public const double Default = 70;
    public const string Description = "Percent that a score must be over to pass.";

    /// <summary>The decimal that a person would write for the number: a score that an answer gives, sent back as the pass mark, is compared as it was given.</summary>
    public static decimal Of(double? passMark) =>
        decimal.Parse((passMark ?? Default).ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
}
