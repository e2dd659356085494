using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>A labelled list to choose one from.</summary>
public partial class Choice
{
    /// <summary>What is chosen.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Values and what people read for them.</summary>
    [Parameter, EditorRequired]
    public required IEnumerable<(string Value, string Text)> Options { get; set; }

    /// <summary>The value chosen.</summary>
    [Parameter]
    public string Value { get; set; } = "";

    /// <summary>Another was chosen.</summary>
    [Parameter]
    public EventCallback<string> ValueChanged { get; set; }

    private Task ChosenAsync(ChangeEventArgs e) => ValueChanged.InvokeAsync(e.Value as string ?? "");
}
