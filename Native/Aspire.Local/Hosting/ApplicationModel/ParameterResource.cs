namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from configuration, or a default.</summary>
public class ParameterResource : Resource, IManifestExpressionProvider, IValueProvider, IResourceWithoutLifetime
{
    private readonly Lazy<string> _value;

    /// <summary>Describes a value.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="callback">Gives the value; gets the default.</param>
    /// <param name="secret">Whether it is kept off screens.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _value = new Lazy<string>(() => callback(Default));
        Secret = secret;
    }

    /// <summary>What the value is if configuration has none.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>Whether it is kept off screens.</summary>
    public bool Secret { get; }

    /// <summary>Whether it is a connection string, read from <c>ConnectionStrings:{name}</c>.</summary>
    public bool IsConnectionString { get; set; }

    /// <summary>What it is for.</summary>
    public string? Description { get; set; }

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <summary>The value.</summary>
    /// <param name="cancellationToken">Not used: the value is known at once.</param>
    /// <exception cref="DistributedApplicationException">Configuration has no value and there is no default.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);
}

/// <summary>What a parameter is if configuration has no value for it.</summary>
public abstract class ParameterDefault
{
    /// <summary>Makes the value.</summary>
    public abstract string GetDefaultValue();
}

/// <summary>A random password.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    /// <summary>Number of characters; 22 of the 67 possible ones are 128 bits.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lowercase letters may occur.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether uppercase letters may occur.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits may occur.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether the characters <c>-_.{}~()*+!</c> may occur.</summary>
    public bool Special { get; set; } = true;

    /// <summary>How many lowercase letters must occur.</summary>
    public int MinLower { get; set; }

    /// <summary>How many uppercase letters must occur.</summary>
    public int MinUpper { get; set; }

    /// <summary>How many digits must occur.</summary>
    public int MinNumeric { get; set; }

    /// <summary>How many special characters must occur.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override string GetDefaultValue() => RandomPassword.Create(
        MinLength,
        [
            new(RandomPassword.LowerCase, Lower, MinLower),
            new(RandomPassword.UpperCase, Upper, MinUpper),
            new(RandomPassword.Digits, Numeric, MinNumeric),
            new(RandomPassword.SpecialCharacters, Special, MinSpecial),
        ]);
}
