using System.ComponentModel;
using System.Text.Json.Serialization;
using Analytics.Api.Attempts;

namespace Analytics.Api.Students;

/// <summary>A named user and how the first and the last scored attempt compare.</summary>
internal sealed record Student(
    [property: Description("The user_id.")] string UserId,
    [property: Description("Attempts in scope.")] long Attempts,
    [property: Description("When the earliest of them started, UTC.")] DateTimeOffset? FirstStart,
    [property: Description("When the latest of them started, UTC.")] DateTimeOffset? LastStart,
    [property: Description("Score in percent of the first attempt that has one.")] double? FirstScore,
    [property: Description("Score in percent of the last attempt that has one.")] double? LastScore,
    [property: Description("The best score in percent.")] double? BestScore);

/// <summary>A page of named users by their ids.</summary>
internal sealed record StudentPage(
    [property: Description("The page.")] IReadOnlyList<Student> Students,
    [property: Description("The cursor of the next page; null on the last.")] string? Next);

/// <summary>All that one student took, in order.</summary>
internal sealed record StudentDetail(
    [property: Description("The user_id, or the user_exam_id of an attempt that names no user.")] string Id,
    [property: Description("Whether it is a named user; an attempt that names none is a student of its own.")] bool Named,
    [property: Description("How many attempts there are; at most the 1,000 latest are listed.")] long Attempts,
    [property: Description("Growth course by course, in the order in which the courses were begun.")] IReadOnlyList<CourseGrowth> Courses,
    [property: Description("The attempts in the order of their starts.")] IReadOnlyList<StudentAttempt> Taken);

/// <summary>One student's growth in one course, over the attempts that have a score.</summary>
internal sealed record CourseGrowth(
    [property: Description("The name of the course.")] string Course,
    [property: Description("The course's slug.")] string CourseSlug,
    [property: Description("How many of the listed attempts are of this course.")] long Attempts,
    [property: Description("Score in percent of the first attempt.")] double? FirstScore,
    [property: Description("Score in percent of the last attempt.")] double? LastScore,
    [property: Description("The best score in percent.")] double? BestScore,
    [property: Description("The last score less the first, in percentage points; null with fewer than two scores.")] double? Growth,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the growth is null.")] string? Reason = null);

/// <summary>An attempt as one of its student's.</summary>
internal sealed record StudentAttempt : Attempt
{
    public StudentAttempt(Attempt attempt, long number, double? gain) : base(attempt) => (Number, Gain) = (number, gain);

    [JsonPropertyOrder(1), Description("Which of the student's listed attempts at the course it is, from 1.")]
    public long Number { get; }

    [JsonPropertyOrder(1), Description("Its score less that of the student's scored attempt at the course before it, in percentage points; null of the first.")]
    public double? Gain { get; }
}

/// <summary>How a course's named users do from attempt to attempt.</summary>
internal sealed record GrowthSeries(
    [property: Description("The course's name.")] string Course,
    [property: Description("The course's slug.")] string CourseSlug,
    [property: Description("Named users with at least one scored attempt.")] long Students,
    [property: Description("Of these, the users with two and more.")] long RepeatTakers,
    [property: Description("A row a number of attempts: how those who came so far did in that attempt.")] IReadOnlyList<GrowthStep> Steps,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why there is no growth to tell.")] string? Reason = null);

/// <summary>Everybody's n-th scored attempt at a course.</summary>
internal sealed record GrowthStep(
    [property: Description("Which scored attempt at the course it is, from 1.")] long Number,
    [property: Description("Students who came so far.")] long Students,
    [property: Description("Their mean score in percent in this attempt.")] double MeanScore,
    [property: Description("The mean, over these same students, of this score less that of their first attempt, in percentage points.")] double MeanGain,
    [property: Description("The sample standard deviation of that gain; null of fewer than two.")] double? GainDeviation,
    [property: Description("How many of them did better than in their first attempt.")] long Improved);
