using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Analytics.Api.Figures;

namespace Analytics.Api.Courses;

/// <summary>A course and its headline figures.</summary>
internal record Course : AttemptFigures
{
    public Course(AttemptFigures figures) : base(figures)
    {
    }

    [JsonPropertyOrder(-2), Description("The events' exam_name; empty where they have none.")]
    public required string Name { get; init; }

    [JsonPropertyOrder(-2), Description("The name in addresses.")]
    public required string Slug { get; init; }

    [Description("Distinct users, and one more for each attempt that names none.")]
    public required long Students { get; init; }

    [Description("Distinct exam ids.")]
    public required long Exams { get; init; }

    [JsonPropertyOrder(6), Description("Users, among those that events name, with more than one attempt at the course.")]
    public required long? RepeatTakers { get; init; }

    [JsonPropertyOrder(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the number of repeat takers is null.")]
    public string? RepeatTakersReason => RepeatTakers is null ? Reasons.NoUsers : null;

    /// <summary>Attempts whose score is over the pass mark: of all attempts, they are the pass rate.</summary>
    [JsonIgnore]
    public long Passed { get; init; }

    /// <summary>Attempts that state how many questions they had, left incomplete and left unanswered.</summary>
    [JsonIgnore]
    public long Stated { get; init; }

    /// <summary>Those of them that left nothing: of them, they are the completion rate.</summary>
    [JsonIgnore]
    public long Complete { get; init; }
}

/// <summary>The courses that a request asked for, in its order.</summary>
internal sealed record CourseList(IReadOnlyList<Course> Courses);

/// <summary>An exam of a course, by its id.</summary>
internal sealed record Exam : AttemptFigures
{
    public Exam(AttemptFigures figures) : base(figures)
    {
    }

    [JsonPropertyOrder(-2), Description("The events' base_exam_id; empty where they have none.")]
    public required string BaseExamId { get; init; }

    [JsonPropertyOrder(-2), Description("The name of its course.")]
    public required string Course { get; init; }

    [JsonPropertyOrder(-2), Description("The slug of its course.")]
    public required string CourseSlug { get; init; }

    [JsonPropertyOrder(2), Description("Distinct questions seen.")]
    public required long Questions { get; init; }

    [JsonPropertyOrder(4), Description("When the earliest attempt started, UTC.")]
    public required DateTimeOffset? FirstStart { get; init; }

    [JsonPropertyOrder(4), Description("When the latest attempt started, UTC.")]
    public required DateTimeOffset? LastStart { get; init; }
}

/// <summary>Exams, those with most messages first.</summary>
internal sealed record ExamList(IReadOnlyList<Exam> Exams);

/// <summary>A course with its exams.</summary>
internal sealed record CourseDetail : Course
{
    [SetsRequiredMembers]
    public CourseDetail(Course course, IReadOnlyList<Exam> byExam) : base(course) => ByExam = byExam;

    [JsonPropertyOrder(9), Description("The figures of each exam id, most messages first.")]
    public IReadOnlyList<Exam> ByExam { get; }

    [JsonPropertyOrder(9), Description("When the earliest attempt started, UTC.")]
    public DateTimeOffset? FirstStart => ByExam.Min(exam => exam.FirstStart);

    [JsonPropertyOrder(9), Description("When the latest attempt started, UTC.")]
    public DateTimeOffset? LastStart => ByExam.Max(exam => exam.LastStart);
}
