using System.ComponentModel;

namespace Analytics.Api.Live;

/// <summary>What there is after a commit of ingest.</summary>
internal sealed record LiveUpdate(
    [property: Description("Records that reached the tables.")] long Messages,
    [property: Description("Messages whose keen_id had come before.")] long Redeliveries,
    [property: Description("Distinct user_exam_ids.")] long Attempts,
    [property: Description("Distinct users, and one more for each attempt that names none.")] long Students,
    [property: Description("Records that are no events.")] long DeadLetters,
    [property: Description("The ten attempts that came last, the newest first.")] IReadOnlyList<LiveAttempt> Newest);

/// <summary>An attempt that has just come.</summary>
internal sealed record LiveAttempt(
    [property: Description("The attempt's user_exam_id.")] string UserExamId,
    [property: Description("The course's name.")] string Course,
    [property: Description("The course's slug.")] string CourseSlug,
    [property: Description("When it started, UTC.")] DateTimeOffset? StartedAt,
    [property: Description("Its score in percent; null where the event states no counts.")] double? Score);
