using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds values from configuration.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a value that is read from <c>Parameters:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="secret">Whether it is kept off screens.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
        => builder.AddParameterFromConfiguration(name, $"Parameters:{name}", secret);

    /// <summary>Adds a value that is read from a configuration key.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="configurationKey">The key.</param>
    /// <param name="secret">Whether it is kept off screens.</param>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new ParameterResource(name, @default => Configured(builder, configurationKey) ?? @default?.GetDefaultValue() ?? throw Missing(name, configurationKey), secret));
    }

    /// <summary>Adds a value that is written in the description.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">The value; configuration goes before it.</param>
    /// <param name="publishValueAsDefault">Not used: Aspire.Local publishes nothing.</param>
    /// <param name="secret">Whether it is kept off screens.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false)
        => builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>Adds a value that is computed.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="valueGetter">Computes it; configuration goes before it.</param>
    /// <param name="publishValueAsDefault">Not used: Aspire.Local publishes nothing.</param>
    /// <param name="secret">Whether it is kept off screens.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _ = publishValueAsDefault;
        return builder.Add(new ParameterResource(name, _ => Configured(builder, $"Parameters:{name}") ?? valueGetter(), secret));
    }

    /// <summary>Adds a value with a default.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">The default; configuration goes before it.</param>
    /// <param name="secret">Whether it is kept off screens.</param>
    /// <param name="persist">Whether a default that is made up at random is kept for the next run, in <c>.aspire/parameters.json</c>.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var @default = persist ? new PersistedParameterDefault(builder.AppHostDirectory, name, value) : value;
        return builder.Add(new ParameterResource(name, chosen => Configured(builder, $"Parameters:{name}") ?? chosen!.GetDefaultValue(), secret) { Default = @default });
    }

    /// <summary>Adds a connection string that is read from <c>ConnectionStrings:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="environmentVariableName">The variable that carries it, if it is not <c>ConnectionStrings__{name}</c>.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var key = $"ConnectionStrings:{name}";
        var value = new ParameterResource(name, _ => Configured(builder, key) ?? throw Missing(name, key), secret: true) { IsConnectionString = true };
        return builder.AddResource(new ConfiguredConnectionStringResource(value, environmentVariableName)).AsValue("ConnectionString", isHidden: false);
    }

    /// <summary>Makes a parameter for a password that is made up once and kept in <c>.aspire/parameters.json</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="lower">Whether lowercase letters may occur.</param>
    /// <param name="upper">Whether uppercase letters may occur.</param>
    /// <param name="numeric">Whether digits may occur.</param>
    /// <param name="special">Whether special characters may occur.</param>
    /// <param name="minLower">How many lowercase letters must occur.</param>
    /// <param name="minUpper">How many uppercase letters must occur.</param>
    /// <param name="minNumeric">How many digits must occur.</param>
    /// <param name="minSpecial">How many special characters must occur.</param>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var password = new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        };
        return new ParameterResource(name, chosen => Configured(builder, $"Parameters:{name}") ?? chosen!.GetDefaultValue(), secret: true)
        {
            Default = new PersistedParameterDefault(builder.AppHostDirectory, name, password),
        };
    }

    private static IResourceBuilder<ParameterResource> Add(this IDistributedApplicationBuilder builder, ParameterResource parameter) => builder.AddResource(parameter).AsValue("Parameter", isHidden: true);

    private static string? Configured(IDistributedApplicationBuilder builder, string key) => builder.Configuration[key];

    private static DistributedApplicationException Missing(string name, string key) =>
        new($"The value '{name}' is missing: set {key} in the AppHost's configuration, or the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");
}
