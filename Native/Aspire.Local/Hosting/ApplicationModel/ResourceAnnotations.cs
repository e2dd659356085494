namespace Aspire.Hosting.ApplicationModel;

/// <summary>A health check, registered with the application's services, that decides about the resource's health.</summary>
/// <param name="key">The name under which the check is registered.</param>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The name under which the check is registered.</summary>
    public string Key { get; } = key;
}

/// <summary>The resource starts only when somebody says so.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>The resource gets the variables that let it send telemetry to the dashboard.</summary>
public class OtlpExporterAnnotation : IResourceAnnotation
{
    /// <summary>The only protocol that the resource speaks, if it can't choose.</summary>
    public OtlpProtocol? RequiredProtocol { get; init; }
}

/// <summary>How many processes of the resource run.</summary>
/// <param name="replicas">At least 1.</param>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>At least 1.</summary>
    public int Replicas { get; } = replicas;
}

/// <summary>How the resource's row looks before it starts.</summary>
/// <param name="initialSnapshot">The first snapshot.</param>
public class ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot) : IResourceAnnotation
{
    /// <summary>The first snapshot.</summary>
    public CustomResourceSnapshot InitialSnapshot { get; } = initialSnapshot;
}

/// <summary>A tie between two resources that the dashboard shows.</summary>
/// <param name="resource">The other.</param>
/// <param name="type">What the other is to this one, such as <c>Parent</c> or <c>Reference</c>.</param>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>The other.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What the other is to this one, such as <c>Parent</c> or <c>Reference</c>.</summary>
    public string Type { get; } = type;
}

/// <summary>What an icon looks like.</summary>
public enum IconVariant
{
    /// <summary>Outlined.</summary>
    Regular,

    /// <summary>Filled.</summary>
    Filled,
}

/// <summary>The icon of the resource on the dashboard.</summary>
/// <param name="iconName">A Fluent UI icon.</param>
/// <param name="iconVariant">What it looks like.</param>
public sealed class ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled) : IResourceAnnotation
{
    /// <summary>A Fluent UI icon.</summary>
    public string IconName { get; } = iconName;

    /// <summary>What it looks like.</summary>
    public IconVariant IconVariant { get; } = iconVariant;
}

/// <summary>What runs in an executable resource.</summary>
public sealed class ExecutableAnnotation : IResourceAnnotation
{
    /// <summary>A path, or a name that is looked up in PATH.</summary>
    public required string Command { get; set; }

    /// <summary>The folder in which it runs.</summary>
    public required string WorkingDirectory { get; set; }
}

/// <summary>The resource is left out of a manifest; Aspire.Local writes none.</summary>
public class ManifestPublishingCallbackAnnotation : IResourceAnnotation
{
    private ManifestPublishingCallbackAnnotation()
    {
    }

    /// <summary>Leaves the resource out.</summary>
    public static ManifestPublishingCallbackAnnotation Ignore { get; } = new();
}
