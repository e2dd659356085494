using Assessments;
using Ingest.Worker.Batches;

namespace Ingest.Worker.Merge;

/// <summary>An attempt to write: a new one, or one that takes the place of what was stored under its key.</summary>
internal sealed record AttemptRow(long AttemptId, AttemptEvent Event, Exam Exam, ExamVersion? Version, AttemptFigures Figures);

/// <summary>What a batch changes.</summary>
internal sealed class BatchChanges
{
    public Rollups Rollups { get; } = new();

    public ItemRollups ItemRollups { get; } = new();

    public ItemKeys Keys { get; } = new();

    /// <summary>By keen_id the events that are seen for the first time.</summary>
    public Dictionary<string, IncomingMessage> Added { get; } = new(StringComparer.Ordinal);

    /// <summary>Events that came again.</summary>
    public List<IncomingMessage> Redelivered { get; } = [];

    /// <summary>Those of them that have other bytes than at first.</summary>
    public List<IncomingMessage> Altered { get; } = [];

    /// <summary>Messages that are dead letters, as their keen_id is another attempt's.</summary>
    public List<IncomingMessage> Contradicting { get; } = [];

    /// <summary>The keen_ids whose earlier event is taken back.</summary>
    public HashSet<string> TakenBack { get; } = new(StringComparer.Ordinal);

    /// <summary>By user_exam_id the newest of its events that this batch has.</summary>
    public Dictionary<string, IncomingMessage> Newest { get; } = new(StringComparer.Ordinal);

    /// <summary>The attempts to write.</summary>
    public List<AttemptRow> Attempts { get; } = [];

    /// <summary>The stored attempts that go.</summary>
    public List<long> Replaced { get; } = [];

    /// <summary>Events that are not, or not any more, their attempt's newest.</summary>
    public HashSet<(string UserExamId, string KeenId, long Version)> Older { get; } = [];
}
