namespace Aspire.Hosting.ApplicationModel;

/// <summary>A connection string that comes from configuration.</summary>
internal sealed class ConfiguredConnectionStringResource(ParameterResource value, string? environmentVariable) : Resource(value.Name), IResourceWithConnectionString
{
    public ReferenceExpression ConnectionStringExpression { get; } = ReferenceExpression.Create($"{value}");

    public string? ConnectionStringEnvironmentVariable { get; } = environmentVariable;
}
