using Assessments;
using Ingest.Worker.Batches;

namespace Ingest.Worker.Merge;

/// <summary>An attempt to write: a new one, or one that takes the place of what was stored under its user_exam_id.</summary>
/// <param name="Message">Its newest event.</param>
/// <param name="Keys">The keys of what that names.</param>
/// <param name="Figures">What it counts for in the rollups.</param>
/// <param name="Redeliveries">How often the event came again before this batch.</param>
internal sealed record AttemptRow(IncomingMessage Message, AttemptKeys Keys, AttemptFigures Figures, int Redeliveries)
{
    public AttemptEvent Event => Message.Event!;
}

/// <summary>What a batch changes.</summary>
internal sealed class BatchChanges
{
    public Rollups Rollups { get; } = new();

    public ItemRollups ItemRollups { get; } = new();

    public ItemKeys ItemKeys { get; } = new();

    /// <summary>By event the keys of what it names.</summary>
    public Dictionary<AttemptEvent, AttemptKeys> Keys { get; } = new(ReferenceEqualityComparer.Instance);

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

    /// <summary>The event_ids of stored attempts whose event is not the newest any more.</summary>
    public List<long> Replaced { get; } = [];

    /// <summary>By keen_id the stored events that their attempts go back to, with how often they came again.</summary>
    public Dictionary<string, int> Restored { get; } = new(StringComparer.Ordinal);

    /// <summary>Events that are seen for the first time and are not their attempt's newest.</summary>
    public List<IncomingMessage> Older { get; } = [];
}
