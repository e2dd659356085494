namespace Ingest.Worker.Merge;

/// <summary>The keys in the database of what an event names.</summary>
/// <param name="Exam">Its exam.</param>
/// <param name="Version">The exam's version; null where it was shown no question.</param>
/// <param name="ItemIds">Of its questions, in the event's order.</param>
/// <param name="OptionIds">Of the options of all its questions, one question after another.</param>
internal sealed record AttemptKeys(Exam Exam, ExamVersion? Version, int[] ItemIds, int[] OptionIds);
