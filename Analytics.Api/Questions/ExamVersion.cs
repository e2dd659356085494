using System.ComponentModel;

namespace Analytics.Api.Questions;

/// <summary>A version of an exam: a set of questions that attempts were shown, in whatever order.</summary>
internal sealed record ExamVersion(
    [property: Description("The version's id, made of its question ids: the same in every database.")] string Version,
    [property: Description("How many questions it has.")] int Questions,
    [property: Description("Attempts that were shown just these questions.")] long Attempts,
    [property: Description("The first plausible start of these attempts, UTC; null where none has any.")] DateTimeOffset? FirstStart,
    [property: Description("The last of them.")] DateTimeOffset? LastStart)
{
    /// <summary>How many are listed of an exam: one that draws its questions from a pool has about as many versions as attempts.</summary>
    public const int MostListed = 20;

    /// <summary>Orders by attempts; of as many the one that was started last comes first, then the one with more questions, then by id.</summary>
    public static IOrderedEnumerable<ExamVersion> Sort(IEnumerable<ExamVersion> versions) => versions
        .OrderByDescending(version => version.Attempts)
        .ThenByDescending(version => version.LastStart ?? DateTimeOffset.MinValue)
        .ThenByDescending(version => version.Questions)
        .ThenBy(version => version.Version, StringComparer.Ordinal);

    /// <summary>
    /// The version that most attempts had, if these are more than a third of all; else null, and what is asked of one version is answered of the exam as a
    /// whole. At most two versions have so many, so an exam that was revised has one, and one that draws its questions from a pool has none.
    /// </summary>
    public static ExamVersion? MainOf(IEnumerable<ExamVersion> versions, long attempts) =>
        Sort(versions).FirstOrDefault() is { } first && first.Attempts * 3 > attempts ? first : null;
}
