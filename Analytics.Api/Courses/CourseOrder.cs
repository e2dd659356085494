namespace Analytics.Api.Courses;

/// <summary>The <c>sort</c> parameter: fields separated by commas, each ascending or, after a hyphen, descending. Nulls come last, ties by name.</summary>
internal static class CourseOrder
{
    public const string Pattern =
        "^-?(name|slug|messages|attempts|students|exams|meanScore|passRate)(,-?(name|slug|messages|attempts|students|exams|meanScore|passRate))*$";
    public const string Default = "-students,name";
    public const string Complaint = "The parameter sort takes fields separated by commas, each with a hyphen in front for descending: name, slug, messages, "
        + "attempts, students, exams, meanScore, passRate.";

    public static IEnumerable<Course> Sort(IEnumerable<Course> courses, string sort)
    {
        IOrderedEnumerable<Course>? ordered = null;
        foreach (var part in sort.Split(','))
        {
            var descending = part.StartsWith('-');
            var field = part.TrimStart('-');
            if (field is "name" or "slug")
            {
                var text = (Course course) => field == "name" ? course.Name : course.Slug;
                ordered = Then(ordered, courses, text, StringComparer.OrdinalIgnoreCase, descending);
            }
            else
            {
                ordered = Then(ordered, courses, course => Number(course, field) is null, null, descending: false);
                ordered = Then(ordered, courses, course => Number(course, field), null, descending);
            }
        }

        return Then(ordered, courses, course => course.Name, StringComparer.OrdinalIgnoreCase, descending: false);
    }

    private static double? Number(Course course, string field) => field switch
    {
        "messages" => course.Messages,
        "attempts" => course.Attempts,
        "students" => course.Students,
        "exams" => course.Exams,
        "meanScore" => course.MeanScore,
        _ => course.PassRate,
    };

    private static IOrderedEnumerable<Course> Then<TKey>(
        IOrderedEnumerable<Course>? ordered, IEnumerable<Course> courses, Func<Course, TKey> key, IComparer<TKey>? comparer, bool descending) =>
        (ordered, descending) switch
        {
            (null, false) => courses.OrderBy(key, comparer),
            (null, true) => courses.OrderByDescending(key, comparer),
            (_, false) => ordered.ThenBy(key, comparer),
            (_, true) => ordered.ThenByDescending(key, comparer),
        };
}
