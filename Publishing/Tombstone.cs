using System.Text;
using Assessments;
using Confluent.Kafka;

namespace Publishing;

/// <summary>What an erasure is of.</summary>
public enum ErasureKind
{
    /// <summary>A student: every attempt of which an event names it.</summary>
    Student,

    /// <summary>One attempt.</summary>
    Attempt,
}

/// <summary>Who or what is erased.</summary>
/// <param name="Kind">Whether it is a student or an attempt.</param>
/// <param name="Id">The user_id or user_exam_id.</param>
public readonly record struct Erasure(ErasureKind Kind, string Id);

/// <summary>
/// A tombstone, a message without a value: it erases the attempt whose user_exam_id is its key, as all messages of the topic are keyed, or with the header
/// <c>erase: student</c> the student whose user_id is its key.
/// </summary>
public static class Tombstone
{
    /// <summary>What the header says of a key that is an attempt's; without the header it is one too.</summary>
    public const string Attempt = "attempt";

    /// <summary>What the header says of a key that is a student's.</summary>
    public const string Student = "student";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What a message without a value erases, or the reason why it is a dead letter.</summary>
    public static (Erasure? Erasure, string? Reason) Read(byte[]? key, Headers? headers)
    {
        if (key is null or { Length: 0 })
        {
            return (null, "The message has no value, and no key that would say what it erases.");
        }

        ErasureKind? kind = EventHeaders.EraseIn(headers) switch
        {
            null or Attempt => ErasureKind.Attempt,
            Student => ErasureKind.Student,
            _ => null,
        };
        if (kind is null)
        {
            return (null, $"The message has no value, and its header {EventHeaders.Erase} is neither {Attempt} nor {Student}.");
        }

        return TextOf(key) is { } id
            ? (new Erasure(kind.Value, id), null)
            : (null, $"The message has no value, and its key is no id: UTF-8 text of at most {EventLimits.TextLength} characters.");
    }

    private static string? TextOf(byte[] key)
    {
        try
        {
            return Utf8.GetString(key) is { Length: <= EventLimits.TextLength } id && !id.Contains('\0', StringComparison.Ordinal) ? id : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
