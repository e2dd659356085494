using System.Globalization;
using Analytics.Api.Shapes;
using Microsoft.Data.Analysis;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>Rows of any columns as a table, and two columns of them as a chart.</summary>
internal static class ResultTable
{
    // Bars or points beyond these can't be told apart.
    private const int MostBars = 40;
    private const int MostPoints = 1_000;

    public static Markup Render(DataFrame rows, string caption) => Html($"""
        <div class="scroll tall" role="region" tabindex="0" aria-label="{caption}"><table class="result">
        <caption class="unseen">{caption}</caption>
        <thead><tr>{rows.Columns.Select(column => Html($"""<th scope="col"{Side(column)}>{column.Name}</th>"""))}</tr></thead>
        <tbody>{RowNumbers(rows).Select(row => Html($"""<tr>{rows.Columns.Select(column => Html($"""<td{Side(column)}>{Cell(column, row)}</td>"""))}</tr>"""))}</tbody>
        </table></div>
        """);

    /// <summary>The columns that a chart can have across and up: the first that names or orders rows, and the first number behind or before it.</summary>
    public static (DataFrameColumn Across, DataFrameColumn Up)? Suitable(DataFrame rows, string? across, string? up)
    {
        var columns = rows.Columns;
        var first = across is not null ? columns.FirstOrDefault(column => column.Name == across) : columns.FirstOrDefault(
            column => !column.IsNumericColumn()) ?? columns.FirstOrDefault();
        var second = up is not null ? columns.FirstOrDefault(column => column.Name == up && column.IsNumericColumn()) : columns.FirstOrDefault(
            column => column.IsNumericColumn() && column != first);
        return rows.Rows.Count < 2 || first is null || second is null || first == second ? null : (first, second);
    }

    /// <summary>Points over numbers and times, bars for all else.</summary>
    public static Markup Chart(DataFrame rows, DataFrameColumn across, DataFrameColumn up)
    {
        var pairs = RowNumbers(rows).Take(MostPoints).Where(row => across[row] is not null && Number(up, row) is not null).ToArray();
        var title = $"{up.Name} by {across.Name}";
        if (pairs.Length == 0)
        {
            return None;
        }

        return Position(across, pairs[0]) is null ? Bars(pairs, across, up, title) : Points(pairs, across, up, title);
    }

    private static Markup Points(long[] rows, DataFrameColumn across, DataFrameColumn up, string title)
    {
        var points = rows.Select(
            row => (X: Position(across, row)!.Value, Y: Number(up, row)!.Value, Label: $"{Table.Text(across, row)}: {Table.Text(up, row)}")).ToArray();
        var isTime = !across.IsNumericColumn();
        var isOrdered = points.Zip(points.Skip(1)).All(pair => pair.First.X < pair.Second.X)
            || points.Zip(points.Skip(1)).All(pair => pair.First.X > pair.Second.X);
        return new Plot(
            "chart", title, rows.Length == MostPoints ? $"The first {Wording.Count(MostPoints)} rows." : $"{Wording.Counted(rows.Length, "row", "rows")}.",
            isTime ? TimeAxis(across.Name, points.Min(point => point.X), points.Max(point => point.X))
                : PlotAxis.Around(across.Name, points.Select(point => point.X)),
            PlotAxis.Around(up.Name, points.Select(point => point.Y).Append(0)))
        {
            Points = points.Length <= 200 || !isOrdered ? [.. points.Select(point => new PlotPoint(point.X, point.Y, point.Label))] : [],
            Lines = isOrdered ? [new PlotLine(up.Name, [.. points.Select(point => (point.X, point.Y))])] : [],
            PointsName = null,
        }.Render();
    }

    private static Markup Bars(long[] rows, DataFrameColumn across, DataFrameColumn up, string title)
    {
        var shown = rows.Take(MostBars).Select(row => (Name: Table.Text(across, row), Value: Number(up, row)!.Value, Text: Cell(up, row))).ToArray();
        var whole = shown.Max(bar => Math.Abs(bar.Value));
        return Html($"""
            <figure><figcaption><h3 id="chart-title">{title}</h3><p>{(rows.Length > MostBars ? $"The first {MostBars} rows." : $"{Wording.Counted(rows.Length, "row", "rows")}.")}</p></figcaption>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="chart-title"><table class="bars"><caption class="unseen">{title}</caption>
            <tbody>{shown.Select(bar => Html($"""<tr><th scope="row">{bar.Name}</th><td class="plot">{Bar.Of(Math.Abs(bar.Value), whole)}</td><td class="number">{bar.Text}</td></tr>"""))}</tbody></table></div></figure>
            """);
    }

    private static PlotAxis TimeAxis(string name, double first, double last) =>
        new(name, first, last > first ? last : first + 1, (last > first ? last - first : 1) / 5, day =>
            DateOnly.FromDayNumber((int)day).ToString("d MMM yyyy", CultureInfo.InvariantCulture));

    // A time counts in days.
    private static double? Position(DataFrameColumn column, long row) => column[row] switch
    {
        DateTime time => time.Ticks / (double)TimeSpan.TicksPerDay,
        DateOnly day => day.DayNumber,
        _ => Number(column, row),
    };

    private static double? Number(DataFrameColumn column, long row) => !column.IsNumericColumn() ? null
        : column[row] is { } value && Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) ? number
        : null;

    private static string Cell(DataFrameColumn column, long row) => column[row] switch
    {
        null => "",
        double number => number.ToString(Math.Abs(number) is >= 1e15 or > 0 and < 1e-4 ? "0.######e0" : "0.######", CultureInfo.InvariantCulture),
        decimal number => decimal.Round(number, 6).ToString("0.######", CultureInfo.InvariantCulture),
        _ => Table.Text(column, row) ?? "",
    };

    private static Markup Side(DataFrameColumn column) => column.IsNumericColumn() ? Html($" class=\"number\"") : None;

    private static IEnumerable<long> RowNumbers(DataFrame rows)
    {
        for (long row = 0; row < rows.Rows.Count; row++)
        {
            yield return row;
        }
    }
}
