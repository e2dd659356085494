using Assessments;
using Ingest.Worker.Batches;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>
/// Finds out which messages of a batch are of somebody who was erased. The student of an event is its user, or where it names none its attempt; an attempt of
/// which any event is of an erased student is erased with all its events, whichever comes first.
/// </summary>
internal sealed class ErasedMessages
{
    private readonly ErasureMarks _marks;

    private ErasedMessages(ErasureMarks marks) => _marks = marks;

    /// <summary>Who and what is erased by this batch, and was not before.</summary>
    public HashSet<Erasure> New { get; } = [];

    /// <summary>The batch's messages, those of the erased without what they say.</summary>
    public IReadOnlyList<IncomingMessage> Messages { get; private set; } = [];

    public static ErasedMessages Of(IReadOnlyList<IncomingMessage> messages, ErasureMarks marks)
    {
        var erased = new ErasedMessages(marks);
        foreach (var message in messages)
        {
            if (message.Erases is { } erasure)
            {
                erased.Mark(erasure);
            }
        }

        if (marks.IsEmpty && erased.New.Count == 0)
        {
            erased.Messages = messages; // As nearly always.
            return erased;
        }

        foreach (var attempt in messages.Select(message => message.Event).OfType<AttemptEvent>())
        {
            if (erased.Has(StudentOf(attempt)))
            {
                erased.Mark(new Erasure(ErasureKind.Attempt, attempt.UserExamId));
            }
        }

        erased.Messages = [.. messages.Select(message => erased.Has(message) ? message with { Event = null, Reason = null, IsErased = true } : message)];
        return erased;
    }

    /// <summary>Who an event is of.</summary>
    public static Erasure StudentOf(AttemptEvent attempt) =>
        new(ErasureKind.Student, string.IsNullOrEmpty(attempt.UserId) ? attempt.UserExamId : attempt.UserId);

    private bool Has(IncomingMessage message) =>
        message.Erases is not null
        || (message.Event is { } attempt ? Has(new Erasure(ErasureKind.Attempt, attempt.UserExamId))
            : message.Reason is not null && NamedIds.Of(message.Key, message.Value).Any(Has));

    private bool Has(Erasure erasure) => New.Contains(erasure) || _marks.Has(erasure);

    private void Mark(Erasure erasure)
    {
        if (!_marks.Has(erasure))
        {
            New.Add(erasure);
        }
    }
}
