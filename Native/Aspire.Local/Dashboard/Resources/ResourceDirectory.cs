using System.Collections.Immutable;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>The AppHost's resources as last heard.</summary>
internal sealed class ResourceDirectory
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, AppResource> _resources = ImmutableDictionary.Create<string, AppResource>(StringComparer.OrdinalIgnoreCase);
    private long _version;

    /// <summary>Changes with everything heard.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Whether the resource service is there.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>All resources that people are to see, by name.</summary>
    public AppResource[] Visible() =>
        [.. _resources.Values.Where(r => !r.IsHidden).OrderBy(r => r.DisplayName, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>A resource by its id, or by the name its replicas share.</summary>
    public AppResource? Find(string name) =>
        _resources.GetValueOrDefault(name) ?? Visible().FirstOrDefault(r => r.DisplayName.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>How a resource is called: by the short name where it is the only one of it.</summary>
    public string Label(AppResource resource) =>
        resource.DisplayName.Length > 0 && _resources.Values.Count(r => r.DisplayName == resource.DisplayName) == 1 ? resource.DisplayName : resource.Name;

    public void Apply(ResourceChange change)
    {
        lock (_gate)
        {
            _resources = change switch
            {
                { Type: "snapshot", Resources: { } all } => _resources.Clear().AddRange(all.Select(r => KeyValuePair.Create(r.Name, r))),
                { Type: "upsert", Resource: { } one } => _resources.SetItem(one.Name, one),
                { Type: "delete", Name: { } name } => _resources.Remove(name),
                _ => _resources,
            };
            _version++;
        }
    }

    public void Connected(bool isConnected)
    {
        lock (_gate)
        {
            IsConnected = isConnected;
            _version++;
        }
    }
}
