using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Courses;

/// <summary>A course and its headline figures.</summary>
internal record Course(
    [property: Description("The events' exam_name; empty where they have none.")] string Name,
    [property: Description("The name in addresses.")] string Slug,
    [property: Description("Records that reached the tables, redeliveries included.")] long Messages,
    [property: Description("Messages whose keen_id had come before.")] long Redeliveries,
    [property: Description("Distinct user_exam_ids.")] long Attempts,
    [property: Description("Distinct users, and one more for each attempt that names none.")] long Students,
    [property: Description("Distinct exam ids.")] long Exams,
    [property: Description("Attempts taken for certification.")] long Certifications,
    [property: Description("Mean score in percent over the messages that state their counts, as the published reports count.")] double? MeanScore,
    [property: Description("Mean score in percent over the attempts that state their counts.")] double? MeanScorePerAttempt,
    [property: Description("Share in percent of all attempts whose score is over the pass mark.")] double? PassRate,
    [property: Description("Mean number of questions of the attempts that state how many they had, left incomplete and left unanswered.")] double? MeanQuestions,
    [property: Description("Share in percent of these attempts that left no question incomplete or unanswered.")] double? CompletionRate,
    [property: Description("Mean number of questions that these attempts left unanswered.")] double? MeanUnanswered,
    [property: Description("Mean number of questions that these attempts left incomplete: answered without a wrong option, but with a right one missing.")] double? MeanIncomplete,
    [property: Description("Users, among those that events name, with more than one attempt at the course.")] long? RepeatTakers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why a mean score is null.")] string? MeanScoreReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the pass rate is null.")] string? PassRateReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the figures of questions and completion are null.")] string? CompletionReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the number of repeat takers is null.")] string? RepeatTakersReason = null);

/// <summary>The courses that a request asked for, in its order.</summary>
internal sealed record CourseList(IReadOnlyList<Course> Courses);

/// <summary>An exam of a course, by its id.</summary>
internal sealed record Exam(
    [property: Description("The events' base_exam_id; empty where they have none.")] string BaseExamId,
    [property: Description("The name of its course.")] string Course,
    [property: Description("The slug of its course.")] string CourseSlug,
    [property: Description("Records that reached the tables, redeliveries included.")] long Messages,
    [property: Description("Messages whose keen_id had come before.")] long Redeliveries,
    [property: Description("Distinct user_exam_ids.")] long Attempts,
    [property: Description("Attempts taken for certification.")] long Certifications,
    [property: Description("Distinct questions seen.")] long Questions,
    [property: Description("Mean score in percent over the messages that state their counts.")] double? MeanScore,
    [property: Description("Mean score in percent over the attempts that state their counts.")] double? MeanScorePerAttempt,
    [property: Description("Share in percent of all attempts whose score is over the pass mark.")] double? PassRate,
    [property: Description("When the earliest attempt started, UTC.")] DateTimeOffset? FirstStart,
    [property: Description("When the latest attempt started, UTC.")] DateTimeOffset? LastStart,
    [property: Description("Mean number of questions of the attempts that state how many they had, left incomplete and left unanswered.")] double? MeanQuestions,
    [property: Description("Share in percent of these attempts that left no question incomplete or unanswered.")] double? CompletionRate,
    [property: Description("Mean number of questions that these attempts left unanswered.")] double? MeanUnanswered,
    [property: Description("Mean number of questions that these attempts left incomplete: answered without a wrong option, but with a right one missing.")] double? MeanIncomplete,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why a mean score is null.")] string? MeanScoreReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the pass rate is null.")] string? PassRateReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the figures of questions and completion are null.")] string? CompletionReason = null);

/// <summary>Exams, those with most messages first.</summary>
internal sealed record ExamList(IReadOnlyList<Exam> Exams);

/// <summary>A course with its exams.</summary>
internal sealed record CourseDetail : Course
{
    public CourseDetail(Course course, IReadOnlyList<Exam> byExam) : base(course) => ByExam = byExam;

    [JsonPropertyOrder(1), Description("The figures of each exam id, most messages first.")]
    public IReadOnlyList<Exam> ByExam { get; }

    [JsonPropertyOrder(1), Description("When the earliest attempt started, UTC.")]
    public DateTimeOffset? FirstStart => ByExam.Min(exam => exam.FirstStart);

    [JsonPropertyOrder(1), Description("When the latest attempt started, UTC.")]
    public DateTimeOffset? LastStart => ByExam.Max(exam => exam.LastStart);
}
