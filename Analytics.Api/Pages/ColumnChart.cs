using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>A column of a chart.</summary>
/// <param name="Label">What the column is about, in full.</param>
/// <param name="Value">How high it is.</param>
/// <param name="Strong">Whether it is drawn in the strong colour.</param>
internal sealed record Column(string Label, long Value, bool Strong = true);

/// <summary>A mark on the axis below the columns.</summary>
/// <param name="At">Where, from 0, the left end of the first column, to 1, the right end of the last.</param>
/// <param name="Text">What is written there.</param>
/// <param name="Minor">Whether it is left out where there is little room.</param>
internal sealed record AxisMark(double At, string Text, bool Minor = false);

/// <summary>
/// Columns as SVG. Across it measures in percent and down in pixels, so that it takes any width and its text stays readable;
/// colours are the stylesheet's, so that it follows light, dark and print.
/// </summary>
/// <param name="Id">An id that is unique on the page.</param>
/// <param name="Title">What the chart shows.</param>
/// <param name="Description">What is to be seen on it, in a sentence.</param>
/// <param name="Columns">At least one.</param>
/// <param name="Marks">The axis below.</param>
/// <param name="Threshold">A line across the columns, named by its text.</param>
internal sealed record ColumnChart(
    string Id, string Title, string Description, IReadOnlyList<Column> Columns, IReadOnlyList<AxisMark> Marks, AxisMark? Threshold = null)
{
    private const double Height = 200;
    private const double Top = 18;
    private const double Gap = 0.16;

    /// <summary>The chart with its title, its sentence and its figures as a table.</summary>
    /// <param name="heading">The column of labels' heading in the table.</param>
    public Markup Render(string heading) => Html($"""
        <figure>
        <figcaption><h3 id="{Id}-title">{Title}</h3><p id="{Id}-text">{Description}</p></figcaption>
        {Draw()}
        <details class="data"><summary>Show as a table</summary>
        <div class="scroll" role="region" tabindex="0" aria-labelledby="{Id}-title"><table>
        <thead><tr><th scope="col">{heading}</th><th scope="col" class="number">Attempts</th></tr></thead>
        <tbody>{Columns.Select(column => Html($"""<tr><th scope="row">{column.Label}</th><td class="number">{Wording.Count(column.Value)}</td></tr>"""))}</tbody>
        </table></div></details>
        </figure>

        """);

    private Markup Draw()
    {
        var step = Step(Columns.Max(column => column.Value));
        var highest = step * Math.Max(1, (Columns.Max(column => column.Value) + step - 1) / step);
        var lines = Enumerable.Range(0, (int)(highest / step) + 1).Select(line => line * step);
        return Html($"""
            <svg class="columns" role="img" aria-labelledby="{Id}-title" aria-describedby="{Id}-text" width="100%" height="{Top + Height + 26}">
            <g class="grid">{lines.Select(value => Html($"""<line x1="0" x2="100%" y1="{Y(value, highest)}" y2="{Y(value, highest)}"/><text x="-8" y="{Y(value, highest) + 4}">{Wording.Count(value)}</text>"""))}</g>
            <g>{Columns.Select((column, index) => DrawColumn(column, index, highest))}</g>
            <g class="axis">{Marks.Select(mark => Html($"""<text x="{100 * mark.At}%" y="{Top + Height + 19}" class="{Side(mark)}{(mark.Minor ? " minor" : "")}">{mark.Text}</text>"""))}</g>
            {DrawThreshold()}</svg>
            """);
    }

    private Markup DrawColumn(Column column, int index, long highest)
    {
        var width = 100.0 / Columns.Count;
        var y = Y(column.Value, highest);
        return column.Value == 0
            ? None
            : Html($"""<rect x="{width * (index + Gap / 2)}%" y="{y}" width="{width * (1 - Gap)}%" height="{Top + Height - y}"{(column.Strong ? None : Html($" class=\"weak\""))}><title>{column.Label}: {Wording.Count(column.Value)}</title></rect>""");
    }

    private Markup DrawThreshold() => Threshold is null
        ? None
        : Html($"""<g class="threshold"><line x1="{100 * Threshold.At}%" x2="{100 * Threshold.At}%" y1="2" y2="{Top + Height}"/><text x="{100 * Threshold.At}%" y="12" dx="-6">{Threshold.Text}</text></g>""");

    private static string Side(AxisMark mark) => mark.At switch { <= 0 => "start", >= 1 => "end", _ => "middle" };

    private static double Y(long value, long highest) => Top + Height * (1 - (double)value / highest);

    // 1, 2 or 5 times a power of ten, with at most five lines above the axis.
    private static long Step(long highest)
    {
        for (long power = 1; ; power *= 10)
        {
            foreach (var step in (long[])[power, 2 * power, 5 * power])
            {
                if (step * 5 >= highest)
                {
                    return step;
                }
            }
        }
    }
}
