using System.Globalization;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>A point of a plot.</summary>
/// <param name="X">Where across.</param>
/// <param name="Y">Where up.</param>
/// <param name="Label">What it is, in full.</param>
/// <param name="Address">Where it leads; null for nowhere.</param>
/// <param name="Strong">Whether it is drawn in the strong colour.</param>
internal sealed record PlotPoint(double X, double Y, string Label, string? Address = null, bool Strong = true);

/// <summary>A line of a plot, and what it is called in the legend.</summary>
internal sealed record PlotLine(string Name, IReadOnlyList<(double X, double Y)> Points, bool Strong = true);

/// <summary>A straight line across a plot at a value of one axis, with its name.</summary>
internal sealed record PlotGuide(string Name, double? X = null, double? Y = null);

/// <summary>An axis from its lowest to its highest value.</summary>
/// <param name="Name">What is measured, with its unit.</param>
/// <param name="Low">The value at its begin.</param>
/// <param name="High">The value at its end, above <paramref name="Low"/>.</param>
/// <param name="Step">The distance of its marks.</param>
/// <param name="Text">What is written at a mark; null for the number.</param>
internal sealed record PlotAxis(string Name, double Low, double High, double Step, Func<double, string>? Text = null)
{
    private const int MostMarks = 7;

    /// <summary>An axis of round numbers that has room for all values.</summary>
    public static PlotAxis Around(string name, IEnumerable<double> values, Func<double, string>? text = null)
    {
        var (low, high) = values.Aggregate((Low: double.MaxValue, High: double.MinValue), (range, value) =>
            (Math.Min(range.Low, value), Math.Max(range.High, value)));
        if (!(high > low))
        {
            (low, high) = low == double.MaxValue ? (0, 1) : (low - Math.Max(1, Math.Abs(low)), low + Math.Max(1, Math.Abs(low)));
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10((high - low) / MostMarks)));
        var step = power * new double[] { 1, 2, 5, 10 }.First(factor => (high - low) / (factor * power) <= MostMarks);
        return new PlotAxis(name, Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step, text);
    }

    public IEnumerable<double> Marks => Enumerable.Range(0, (int)Math.Round((High - Low) / Step) + 1).Select(mark => Low + mark * Step);

    /// <summary>Where a value is, from 0 at the begin to 1 at the end.</summary>
    public double At(double value) => Math.Clamp((value - Low) / (High - Low), 0, 1);

    public string TextOf(double mark) => Text is null ? Math.Round(mark, 6).ToString("#,0.######", CultureInfo.InvariantCulture).Replace('-', '−') : Text(mark);
}

/// <summary>
/// Points and lines over two axes as SVG, in percent across and in pixels down as <see cref="ColumnChart"/>: any width, text as it is, colours of the
/// stylesheet.
/// </summary>
/// <param name="Id">An id that is unique on the page.</param>
/// <param name="Title">What the plot shows.</param>
/// <param name="Description">What is to be seen on it, in a sentence.</param>
/// <param name="Across">The axis across.</param>
/// <param name="Up">The axis up.</param>
internal sealed record Plot(string Id, string Title, string Description, PlotAxis Across, PlotAxis Up)
{
    private const double Top = 26;
    private const double Height = 260;

    public IReadOnlyList<PlotPoint> Points { get; init; } = [];

    /// <summary>What the points are called in the legend; null where they need no name.</summary>
    public string? PointsName { get; init; }

    public IReadOnlyList<PlotLine> Lines { get; init; } = [];

    public IReadOnlyList<PlotGuide> Guides { get; init; } = [];

    /// <summary>The figures as a table, to be shown on demand; none where they stand beside the plot anyway.</summary>
    public Markup Table { get; init; } = None;

    public Markup Render() => Html($"""
        <figure>
        <figcaption><h3 id="{Id}-title">{Title}</h3><p id="{Id}-text">{Description}</p></figcaption>
        {Legend()}
        <svg class="columns plot" role="{(Points.Any(point => point.Address is not null) ? "group" : "img")}" aria-labelledby="{Id}-title" aria-describedby="{Id}-text" width="100%" height="{Top + Height + 42}">
        <g class="grid">{Up.Marks.Select(mark => Html($"""<line x1="0" x2="100%" y1="{Y(mark)}" y2="{Y(mark)}"/><text x="-8" y="{Y(mark) + 4}">{Up.TextOf(mark)}</text>"""))}</g>
        <g class="axis"><text class="start name" x="0" y="10">↑ {Up.Name}</text>{Across.Marks.Select((mark, index) => Html($"""<text x="{X(mark)}%" y="{Top + Height + 19}" class="{Side(mark)}{(index % 2 == 1 ? " minor" : "")}">{Across.TextOf(mark)}</text>"""))}<text class="end name" x="100%" y="{Top + Height + 37}">{Across.Name} →</text></g>
        {Guides.Select(Draw)}
        {Lines.Select(Draw)}
        {Points.Select(Draw)}
        </svg>
        {(Table.ToString().Length == 0 ? None : Html($"""<details class="data"><summary>Show as a table</summary><div class="scroll" role="region" tabindex="0" aria-labelledby="{Id}-title">{Table}</div></details>"""))}
        </figure>

        """);

    private Markup Legend() => Lines.Count + (PointsName is null ? 0 : 1) < 2
        ? None
        : Html($"""<p class="legend">{Lines.Select(line => Html($"""<span class="{Weight(line.Strong)}">{line.Name}</span> """))}{(PointsName is null ? None : Html($"""<span class="dots">{PointsName}</span>"""))}</p>""");

    private Markup Draw(PlotGuide guide) => guide switch
    {
        { Y: { } y } => Html($"""<g class="threshold"><line x1="0" x2="100%" y1="{Y(y)}" y2="{Y(y)}"/><text x="100%" y="{Y(y) - 5}">{guide.Name}</text></g>"""),
        { X: { } x } => Html($"""<g class="threshold"><line x1="{X(x)}%" x2="{X(x)}%" y1="{Top}" y2="{Top + Height}"/><text x="{X(x)}%" y="{Top + 10}" dx="-6">{guide.Name}</text></g>"""),
        _ => None,
    };

    private Markup Draw(PlotLine line) => Html($"""
        <g class="line {Weight(line.Strong)}">{line.Points.Zip(line.Points.Skip(1)).Select(part => Html($"""<line x1="{X(part.First.X)}%" y1="{Y(part.First.Y)}" x2="{X(part.Second.X)}%" y2="{Y(part.Second.Y)}"/>"""))}</g>
        """);

    private Markup Draw(PlotPoint point)
    {
        var circle = Html($"""<circle class="{Weight(point.Strong)}" cx="{X(point.X)}%" cy="{Y(point.Y)}" r="{(point.Address is null ? 4 : 6)}"><title>{point.Label}</title></circle>""");
        return point.Address is null ? circle : Html($"""<a href="{point.Address}" aria-label="{point.Label}">{circle}</a>""");
    }

    private double X(double value) => 100 * Across.At(value);

    private double Y(double value) => Top + Height * (1 - Up.At(value));

    private static string Weight(bool strong) => strong ? "strong" : "weak";

    private string Side(double mark) => Across.At(mark) switch { <= 0.01 => "start", >= 0.99 => "end", _ => "middle" };
}
