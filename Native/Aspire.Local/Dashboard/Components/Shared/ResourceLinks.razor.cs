using Aspire.Local.Dashboard.Resources;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>The addresses of a resource.</summary>
public partial class ResourceLinks
{
    /// <summary>The resource.</summary>
    [Parameter, EditorRequired]
    public required AppResource Resource { get; set; }
}
