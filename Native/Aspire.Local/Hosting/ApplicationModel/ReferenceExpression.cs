using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A text with holes that are filled when the application runs, as <c>$"Host={endpoint.Property(EndpointProperty.Host)}"</c>.</summary>
public class ReferenceExpression : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    /// <summary>The expression without text or holes; its value is <see langword="null"/>.</summary>
    public static readonly ReferenceExpression Empty = new("", [], [], []);

    private ReferenceExpression(string format, IReadOnlyList<IValueProvider> valueProviders, IReadOnlyList<string> manifestExpressions, IReadOnlyList<string?> stringFormats)
    {
        Format = format;
        ValueProviders = valueProviders;
        ManifestExpressions = manifestExpressions;
        StringFormats = stringFormats;
    }

    /// <summary>The text as a composite format string, with <c>{0}</c> for the first hole.</summary>
    public string Format { get; }

    /// <summary>What fills the holes, in order.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>How a manifest names the holes, in order.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>How each hole's value is written: <c>uri</c> percent-encodes it, <see langword="null"/> leaves it.</summary>
    public IReadOnlyList<string?> StringFormats { get; }

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>The text with the holes named as a manifest names them.</summary>
    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions]);

    /// <summary>Makes an expression from an interpolated string.</summary>
    /// <param name="handler">The interpolated string.</param>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    /// <summary>The text with its holes filled; waits until all of them are known.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <summary>The text with its holes filled as one resource sees them; waits until all of them are known.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
        {
            return null;
        }

        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken).ConfigureAwait(false);
            values[i] = StringFormats[i] == "uri" && value is not null ? Uri.EscapeDataString(value) : value;
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    /// <summary>What the compiler makes of the interpolated string that describes an expression.</summary>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler
    {
        private readonly ReferenceExpressionBuilder _builder;

        /// <summary>Called by the compiler.</summary>
        /// <param name="literalLength">Characters of fixed text.</param>
        /// <param name="formattedCount">Number of holes.</param>
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
        {
            _builder = new ReferenceExpressionBuilder(literalLength + (3 * formattedCount));
        }

        /// <summary>Adds fixed text.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendLiteral(string value) => _builder.AppendLiteral(value);

        /// <summary>Adds a text that is known already.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendFormatted(string? value) => _builder.AppendFormatted(value);

        /// <summary>Adds a text that is known already.</summary>
        /// <param name="value">The text.</param>
        /// <param name="format"><c>uri</c> or nothing.</param>
        public readonly void AppendFormatted(string? value, string? format = null) => _builder.AppendFormatted(value, format);

        /// <summary>Adds a hole.</summary>
        /// <param name="valueProvider">What fills it.</param>
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider);

        /// <summary>Adds a hole.</summary>
        /// <param name="valueProvider">What fills it.</param>
        /// <param name="format"><c>uri</c> or nothing.</param>
        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider, format);

        /// <summary>Adds a hole that a resource fills.</summary>
        /// <param name="valueProvider">The resource.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider.Resource);

        /// <summary>Adds a hole that a resource fills.</summary>
        /// <param name="valueProvider">The resource.</param>
        /// <param name="format"><c>uri</c> or nothing.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression Build() => _builder.Build();
    }

    internal static ReferenceExpression Create(string format, IReadOnlyList<IValueProvider> valueProviders, IReadOnlyList<string> manifestExpressions, IReadOnlyList<string?> stringFormats)
        => new(format, valueProviders, manifestExpressions, stringFormats);
}

/// <summary>Makes a <see cref="ReferenceExpression"/> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format;
    private readonly List<IValueProvider> _valueProviders = [];
    private readonly List<string> _manifestExpressions = [];
    private readonly List<string?> _stringFormats = [];

    /// <summary>Starts empty.</summary>
    public ReferenceExpressionBuilder()
        : this(16)
    {
    }

    internal ReferenceExpressionBuilder(int capacity) => _format = new StringBuilder(capacity);

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _format.Length == 0;

    /// <summary>Adds fixed text.</summary>
    /// <param name="value">The text.</param>
    public void AppendLiteral(string value) => _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>Adds a text that is known already.</summary>
    /// <param name="value">The text.</param>
    public void AppendFormatted(string? value) => AppendLiteral(value ?? "");

    /// <summary>Adds a text that is known already.</summary>
    /// <param name="value">The text.</param>
    /// <param name="format"><c>uri</c> percent-encodes it.</param>
    public void AppendFormatted(string? value, string? format) => AppendLiteral(format == "uri" ? Uri.EscapeDataString(value ?? "") : value ?? "");

    /// <summary>Adds a hole.</summary>
    /// <param name="valueProvider">What fills it.</param>
    public void AppendFormatted<T>(T valueProvider)
        where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);

    /// <summary>Adds a hole.</summary>
    /// <param name="valueProvider">What fills it.</param>
    /// <param name="format"><c>uri</c> percent-encodes its value.</param>
    public void AppendFormatted<T>(T valueProvider, string? format)
        where T : IValueProvider, IManifestExpressionProvider
    {
        _format.Append('{').Append(_valueProviders.Count).Append('}');
        _valueProviders.Add(valueProvider);
        _manifestExpressions.Add(valueProvider.ValueExpression);
        _stringFormats.Add(format);
    }

    /// <summary>The expression so far.</summary>
    public ReferenceExpression Build() => IsEmpty
        ? ReferenceExpression.Empty
        : ReferenceExpression.Create(_format.ToString(), [.. _valueProviders], [.. _manifestExpressions], [.. _stringFormats]);
}
