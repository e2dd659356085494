using Analytics.Api.Courses;

namespace Analytics.Api.Workbench;

/// <summary>A way to divide courses into a few kinds.</summary>
/// <param name="Name">The parameter in addresses.</param>
/// <param name="Title">What divides them.</param>
/// <param name="Kinds">The kinds: a value of the parameter, its words, and which courses are of it.</param>
internal sealed record CourseFacet(string Name, string Title, IReadOnlyList<(string Value, string Words, Func<Course, bool> Holds)> Kinds)
{
    public static readonly CourseFacet Size = new("size", "Attempts",
    [
        ("few", "fewer than 10", course => course.Attempts < 10), ("some", "10 to 49", course => course.Attempts is >= 10 and < 50),
        ("many", "50 and more", course => course.Attempts >= 50),
    ]);

    public static readonly CourseFacet Passing = new("passing", "Passed",
    [
        ("few", "under 25 %", course => course.PassRate < 25), ("some", "25 to under 50 %", course => course.PassRate is >= 25 and < 50),
        ("many", "50 % and more", course => course.PassRate >= 50),
    ]);

    public static readonly CourseFacet Exams =
        new("exams", "Exams", [("one", "one", course => course.Exams == 1), ("several", "several", course => course.Exams > 1)]);

    public static readonly CourseFacet Complete = new("complete", "Left nothing open",
    [
        ("few", "under half of the attempts", course => course.CompletionRate < 50), ("many", "half and more", course => course.CompletionRate >= 50),
    ]);

    public static readonly CourseFacet[] All = [Size, Passing, Exams, Complete];

    /// <summary>Whether a course is of the kind chosen; of any where none is.</summary>
    public bool Holds(string? chosen, Course course) => chosen is null || Kinds.Any(kind => kind.Value == chosen && kind.Holds(course));
}
