namespace Analytics.Api.Filters;

/// <summary>What of a <see cref="Filter"/> leaves attempts out.</summary>
[Flags]
internal enum FilterParts
{
    None = 0,
    Course = 1,
    Exam = 2,
    Version = 4,
    Dates = 8,
    User = 16,
    Take = 32,
}
