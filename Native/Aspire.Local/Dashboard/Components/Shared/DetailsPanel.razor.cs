using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>What is known of the chosen row.</summary>
public partial class DetailsPanel
{
    /// <summary>Its heading.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>What it holds.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The reader is done with it.</summary>
    [Parameter]
    public EventCallback OnClose { get; set; }

    private Task KeyAsync(KeyboardEventArgs key) => key.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
