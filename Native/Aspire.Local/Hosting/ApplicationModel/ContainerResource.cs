namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container. Aspire.Local describes containers and does not run them.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="entrypoint">What runs in it, if not what the image says.</param>
public class ContainerResource(string name, string? entrypoint = null) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>What runs in it, if not what the image says.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}

/// <summary>The image of a container.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    /// <summary>The registry; the runtime's default if none.</summary>
    public string? Registry { get; set; }

    /// <summary>The image's name.</summary>
    public required string Image { get; set; }

    /// <summary>The image's tag.</summary>
    public string? Tag { get; set; }
}

/// <summary>How long a container lives.</summary>
public enum ContainerLifetime
{
    /// <summary>As long as the application.</summary>
    Session,

    /// <summary>Until somebody removes it.</summary>
    Persistent,
}

/// <summary>How long a container lives.</summary>
public sealed class ContainerLifetimeAnnotation : IResourceAnnotation
{
    /// <summary>How long.</summary>
    public required ContainerLifetime Lifetime { get; set; }
}

/// <summary>What a container sees of the machine's disk.</summary>
public enum ContainerMountType
{
    /// <summary>A folder of the machine.</summary>
    BindMount,

    /// <summary>A volume that the runtime keeps.</summary>
    Volume,
}

/// <summary>A folder or volume in a container.</summary>
/// <param name="source">The folder or volume; a volume without a name if none.</param>
/// <param name="target">Where it is in the container.</param>
/// <param name="type">Folder or volume.</param>
/// <param name="isReadOnly">Whether the container can't write to it.</param>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>The folder or volume; a volume without a name if none.</summary>
    public string? Source { get; } = source;

    /// <summary>Where it is in the container.</summary>
    public string Target { get; } = target;

    /// <summary>Folder or volume.</summary>
    public ContainerMountType Type { get; } = type;

    /// <summary>Whether the container can't write to it.</summary>
    public bool IsReadOnly { get; } = isReadOnly;
}
