using Assessments;
using Ingest.Worker.Batches;

namespace Ingest.Worker.Merge;

/// <summary>An event to write.</summary>
/// <param name="Message">The event.</param>
/// <param name="Keys">The keys of what it names.</param>
/// <param name="Figures">What it counts for in the rollups.</param>
/// <param name="IsNewest">Whether it is its attempt's newest.</param>
/// <param name="Redeliveries">How often it came again before this batch.</param>
internal sealed record EventRow(IncomingMessage Message, AttemptKeys Keys, AttemptFigures Figures, bool IsNewest, int Redeliveries)
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
    public HashSet<IncomingMessage> Altered { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Messages that are dead letters, as their keen_id is another attempt's.</summary>
    public List<IncomingMessage> Contradicting { get; } = [];

    /// <summary>The keen_ids whose earlier event is taken back.</summary>
    public HashSet<string> TakenBack { get; } = new(StringComparer.Ordinal);

    /// <summary>By user_exam_id the newest of its events that this batch has.</summary>
    public Dictionary<string, IncomingMessage> Newest { get; } = new(StringComparer.Ordinal);

    /// <summary>The events to write: new ones, and stored ones that are their attempts' newest again.</summary>
    public List<EventRow> Rows { get; } = [];

    /// <summary>The event_ids of stored attempts whose event is not the newest any more.</summary>
    public List<long> Replaced { get; } = [];

    /// <summary>By keen_id the stored events that their attempts go back to, with how often they came again.</summary>
    public Dictionary<string, int> Restored { get; } = new(StringComparer.Ordinal);
}
