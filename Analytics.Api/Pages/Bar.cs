using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>A value as the length of a bar, which says nothing that the number beside it does not.</summary>
internal static class Bar
{
    public static Markup Of(double value, double whole) => Html($"""<svg class="bar" aria-hidden="true" width="100%" height="10"><rect width="100%" height="10" class="rail"/><rect width="{(whole > 0 ? 100 * value / whole : 0)}%" height="10"/></svg>""");
}
