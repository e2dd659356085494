namespace Analytics.Api.Shapes;

/// <summary>A form that a tabular answer can take, chosen by <c>?format=</c> or else by <c>Accept</c>.</summary>
/// <param name="Format">Its name in <c>?format=</c>.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="For">The program that it is made for; null for any.</param>
internal sealed record Shape(string Format, string MediaType, string? For = null)
{
    public static readonly Shape Json = new("json", "application/json");
    public static readonly Shape Csv = new("csv", "text/csv");
    public static readonly Shape Ndjson = new("ndjson", "application/x-ndjson");
    public static readonly Shape Markdown = new("md", "text/markdown");
    public static readonly Shape Html = new("html", "text/html");
    public static readonly Shape Arrow = new("arrow", "application/vnd.apache.arrow.stream");
    public static readonly Shape Parquet = new("parquet", "application/vnd.apache.parquet");

    /// <summary>Whether it is text.</summary>
    public bool IsText => this != Arrow && this != Parquet;

    /// <summary>Whether a table can be written before its last row is known.</summary>
    public bool IsStreamed => this == Csv || this == CsvForExcel || this == Ndjson || this == Arrow || this == Parquet;

    /// <summary>The value of the parameter <c>for</c>: CSV that a spreadsheet opens as it is meant, with no text taken for a formula.</summary>
    public const string Excel = "excel";

    /// <summary>CSV with a byte-order mark and inert texts: <c>?format=csv&amp;for=excel</c>.</summary>
    public static readonly Shape CsvForExcel = new(Csv.Format, Csv.MediaType, Excel);

    public static readonly IReadOnlyList<Shape> All = [Json, Csv, Ndjson, Markdown, Html, Arrow, Parquet];

    /// <summary>The shape that a request wants; null if it wants none of them.</summary>
    public static Shape? Of(HttpRequest request) => Of(request, All);

    /// <summary>The shape that a request wants of some; null if it wants none of them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="shapes">Some shapes, first the one for those who don't say.</param>
    public static Shape? Of(HttpRequest request, IReadOnlyList<Shape> shapes)
    {
        var plain = Plain(request, shapes);
        return (string?)request.Query["for"] is not { } purpose ? plain
            : plain == Csv && string.Equals(purpose, Excel, StringComparison.OrdinalIgnoreCase) ? CsvForExcel
            : null;
    }

    /// <summary>Why a request that wants none of the shapes is refused.</summary>
    public static (int Status, string Detail) Refusal(HttpRequest request, IReadOnlyList<Shape> shapes) => Plain(request, shapes) is not null
        ? (StatusCodes.Status400BadRequest, $"The parameter for is {Excel}, and goes with format={Csv.Format}.")
        : request.Query.ContainsKey("format")
        ? (StatusCodes.Status400BadRequest, $"The parameter format is one of {string.Join(", ", shapes.Select(shape => shape.Format))}.")
        : (StatusCodes.Status406NotAcceptable, $"This address answers {string.Join(", ", shapes.Select(shape => shape.MediaType))}; accept one of them.");

    private static Shape? Plain(HttpRequest request, IReadOnlyList<Shape> shapes)
    {
        if ((string?)request.Query["format"] is { } format)
        {
            return shapes.FirstOrDefault(shape => string.Equals(shape.Format, format, StringComparison.OrdinalIgnoreCase));
        }

        // The most wanted first, and of equals the one named first (RFC 9110, 12.5.1).
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Count == 0
            ? shapes[0]
            : accepted.Where(media => media.Quality is not 0)
                .OrderByDescending(media => media.Quality ?? 1)
                .Select(media => shapes.FirstOrDefault(shape => media.MatchesMediaType(shape.MediaType)))
                .FirstOrDefault(shape => shape is not null);
    }
}
