namespace Aspire.Hosting.ApplicationModel;

/// <summary>The one base of connection strings that are made of other values.</summary>
internal interface IComputedConnectionString : IResourceWithConnectionString, IResourceWithoutLifetime;

/// <summary>A connection string that comes from configuration.</summary>
internal sealed class ConfiguredConnectionStringResource(ParameterResource value, string? environmentVariable) : Resource(value.Name), IComputedConnectionString
{
    public ReferenceExpression ConnectionStringExpression { get; } = ReferenceExpression.Create($"{value}");

    public string? ConnectionStringEnvironmentVariable { get; } = environmentVariable;
}
