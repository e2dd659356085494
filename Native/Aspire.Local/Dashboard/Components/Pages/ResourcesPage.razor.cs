using Aspire.Local.Dashboard.Components.Shared;
using Aspire.Local.Dashboard.Resources;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;
using Microsoft.FluentUI.AspNetCore.Components;
using Icons = Microsoft.FluentUI.AspNetCore.Components.Icons;

namespace Aspire.Local.Dashboard.Components.Pages;

/// <summary>The resources of the application: their state, and what can be done with them.</summary>
public partial class ResourcesPage : LivePage
{
    private readonly HashSet<string> _busy = [];
    private List<(AppResource Resource, int Depth)> _resources = [];
    private AppResource? _chosen;
    private string? _filter = "";
    private string _note = "";

    /// <summary>The resource whose details are shown.</summary>
    [SupplyParameterFromQuery(Name = "resource")]
    public string? Chosen { get; set; }

    /// <inheritdoc/>
    protected override long Version => Directory.Version;

    [Inject]
    private DashboardOptions Options { get; set; } = null!;

    [Inject]
    private ResourceDirectory Directory { get; set; } = null!;

    [Inject]
    private ResourceService Service { get; set; } = null!;

    [Inject]
    private TelemetryStore Telemetry { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <inheritdoc/>
    protected override void Refresh()
    {
        _resources = Nested([.. Directory.Visible().Where(r => Matches(r.Name) || Matches(r.DisplayName) || Matches(r.Type) || Matches(r.State) || Matches(r.Health))]);
        _chosen = Chosen is null ? null : Directory.Find(Chosen);
    }

    /// <summary>The resources in their order, but each that has a parent, as a database its server, below that.</summary>
    private static List<(AppResource Resource, int Depth)> Nested(AppResource[] resources)
    {
        const int deepest = 4;
        var nested = new List<(AppResource, int)>(resources.Length);
        var children = resources.ToLookup(resource => resource.Relationships.FirstOrDefault(r => r.Type == "Parent" && r.ResourceName != resource.Name)?.ResourceName is { } parent
            && Array.Find(resources, r => r.Name == parent || r.DisplayName == parent) is { } found ? found.Name : "");
        Add("", 0);
        // A circle of parents has no beginning: its members stand by themselves.
        nested.AddRange(resources.Except(nested.Select(row => row.Item1)).Select(resource => (resource, 0)));
        return nested;

        void Add(string parent, int depth)
        {
            foreach (var child in children[parent])
            {
                nested.Add((child, depth));
                if (depth < deepest)
                {
                    Add(child.Name, depth + 1);
                }
            }
        }
    }

    private bool Matches(string? text) => string.IsNullOrWhiteSpace(_filter) || text?.Contains(_filter.Trim(), StringComparison.OrdinalIgnoreCase) == true;

    private void Choose(string? name) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("resource", name), replace: true);

    private async Task ExecuteAsync(AppResource resource, ResourceCommand command)
    {
        if (!_busy.Add(resource.Name))
        {
            return;
        }

        var label = Directory.Label(resource);
        _note = $"{command.DisplayName} {label}…";
        try
        {
            var result = await Service.ExecuteAsync(resource.Name, command.Name, Gone);
            _note = result.Success ? $"{command.DisplayName} {label}: done. {result.Message}" : $"{command.DisplayName} {label} failed: {result.Message}";
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _busy.Remove(resource.Name);
        }
    }

    private static Icon IconOf(ResourceCommand command) => command.Name switch
    {
        "start" or "resource-start" => new Icons.Regular.Size16.Play(),
        "stop" or "resource-stop" => new Icons.Regular.Size16.Stop(),
        "restart" or "resource-restart" => new Icons.Regular.Size16.ArrowCounterclockwise(),
        _ => new Icons.Regular.Size16.Flash(),
    };

    /// <summary>The file's name of a path: the folders are in the title.</summary>
    private static string? ShortSource(string? source) => source is null || source.Contains(' ') ? source : source[(source.LastIndexOfAny(['/', '\\']) + 1)..];
}
