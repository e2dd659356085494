using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Summary;

/// <summary>The headline figures of all that was taken.</summary>
internal sealed record Summary(
    [property: Description("Records that reached the tables, redeliveries included.")] long Messages,
    [property: Description("Messages whose keen_id had come before.")] long Redeliveries,
    [property: Description("Distinct user_exam_ids.")] long Attempts,
    [property: Description("Distinct users, and one more for each attempt that names none.")] long Students,
    [property: Description("Distinct course names.")] long Courses,
    [property: Description("Distinct exam ids within their courses.")] long Exams,
    [property: Description("Attempts taken for certification.")] long Certifications,
    [property: Description("Mean score in percent over the messages that state their counts, as the published reports count.")] double? MeanScore,
    [property: Description("Mean score in percent over the attempts that state their counts.")] double? MeanScorePerAttempt,
    [property: Description("Share in percent of all attempts whose score is over the pass mark.")] double? PassRate,
    [property: Description("When the earliest attempt started, UTC.")] DateTimeOffset? FirstStart,
    [property: Description("When the latest attempt started, UTC.")] DateTimeOffset? LastStart,
    [property: Description("Mean number of questions of the attempts that state how many they had, left incomplete and left unanswered.")] double? MeanQuestions,
    [property: Description("Share in percent of these attempts that left no question incomplete or unanswered.")] double? CompletionRate,
    [property: Description("Mean number of questions that these attempts left unanswered.")] double? MeanUnanswered,
    [property: Description("Mean number of questions that these attempts left incomplete: answered without a wrong option, but with a right one missing.")] double? MeanIncomplete,
    [property: Description("Users, among those that events name, with more than one attempt.")] long? RepeatTakers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why a mean score is null.")] string? MeanScoreReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the pass rate is null.")] string? PassRateReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the figures of questions and completion are null.")] string? CompletionReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the number of repeat takers is null.")] string? RepeatTakersReason = null);
