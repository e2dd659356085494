using System.Globalization;
using Aspire.Local.Dashboard.Resources;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>All that is known of a resource. A secret's value leaves the server only when asked for.</summary>
public partial class ResourceDetails
{
    private readonly HashSet<string> _revealed = [];

    /// <summary>The resource.</summary>
    [Parameter, EditorRequired]
    public required AppResource Resource { get; set; }

    private IEnumerable<(string Name, string Value)> Facts() => new (string Name, string? Value)[]
    {
        ("Name", Resource.Name),
        ("Type", Resource.Type),
        ("State", Resource.State),
        ("Health", Resource.Health),
        ("Source", Resource.Source),
        ("Process id", Resource.Pid?.ToString(CultureInfo.InvariantCulture)),
        ("Exit code", Resource.ExitCode?.ToString(CultureInfo.InvariantCulture)),
        ("Created", Moment(Resource.CreatedAt)),
        ("Started", Moment(Resource.StartedAt)),
        ("Stopped", Moment(Resource.StoppedAt)),
    }.Where(fact => !string.IsNullOrEmpty(fact.Value)).Select(fact => (fact.Name, fact.Value!));

    private IEnumerable<(string Name, string Value)> Addresses() => Resource.Urls.Select(url => (url.Name ?? (url.IsInternal ? "internal" : "address"), url.Url));

    private IEnumerable<(string Name, string Value)> Properties() => Resource.Properties.Select(property => (property.Key, property.Value.ToString()));

    private static string? Moment(DateTimeOffset? time) => time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private void Toggle(string name)
    {
        if (!_revealed.Remove(name))
        {
            _revealed.Add(name);
        }
    }
}
