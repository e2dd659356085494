using System.Globalization;
using System.Text;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>Lines over time, as SVG made on the server.</summary>
public partial class LineChart
{
    private const int Width = 900;
    private const int Height = 300;
    private const int Left = 64;
    private const int Right = 32;
    private const int Top = 12;
    private const int Bottom = 32;
    private const int Rules = 4;
    private const int TimeMarks = 4;
    private double _top = 1;
    private double _bottom;

    /// <summary>What is drawn.</summary>
    [Parameter, EditorRequired]
    public required MetricChart Chart { get; set; }

    /// <summary>What a screen reader says it is.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    private string Description =>
        $"{Title} from {Format.Time(Nanos.ToTime(Chart.StartNanos))} to {Format.Time(Nanos.ToTime(Chart.EndNanos))}, {Format.Number(_bottom)} to {Format.Number(_top)} {Chart.Unit}; the table below has the latest values.";

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        var values = Chart.Lines.SelectMany(line => line.Values).Where(double.IsFinite).DefaultIfEmpty(1).ToArray();
        _top = RoundUp(values.Max());
        _bottom = values.Min() < 0 ? -RoundUp(-values.Min()) : 0;
    }

    private string Y(double value) => Format.Css(Height - Bottom - ((Height - Top - Bottom) * (value - _bottom) / (_top - _bottom)));

    private string Path(double[] values)
    {
        var path = new StringBuilder();
        var isDrawing = false;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsFinite(values[i]))
            {
                var x = Format.Css(Left + ((Width - Left - Right) * i / (double)Math.Max(1, values.Length - 1)));
                // A value between two gaps is a line of no length: the round cap makes it a dot.
                path.Append(CultureInfo.InvariantCulture, $"{(isDrawing ? 'L' : 'M')}{x} {Y(values[i])}{(isDrawing ? "" : "h0")}");
            }

            isDrawing = double.IsFinite(values[i]);
        }

        return path.ToString();
    }

    /// <summary>The next 1, 2, 4 or 5 with zeros, so that the rules have round numbers.</summary>
    private static double RoundUp(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var zeros = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return zeros * (value / zeros) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 4 => 4,
            <= 5 => 5,
            _ => 10,
        };
    }
}
