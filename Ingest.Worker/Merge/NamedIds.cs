using System.Text;
using System.Text.Json;
using Assessments;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>Whom a dead letter tells of: its key, and the members user_id and user_exam_id, wherever they stand in what may be no JSON at all.</summary>
internal static class NamedIds
{
    public static IEnumerable<Erasure> Of(byte[]? key, byte[]? value)
    {
        // Others key by student.
        if (key is { Length: > 0 })
        {
            var text = Encoding.UTF8.GetString(key);
            yield return new Erasure(ErasureKind.Attempt, text);
            yield return new Erasure(ErasureKind.Student, text);
        }

        if (value is null)
        {
            yield break;
        }

        // In an envelope the event may be coded.
        if (EventIn(value) is { } attempt)
        {
            yield return new Erasure(ErasureKind.Attempt, attempt.UserExamId);
            yield return ErasedMessages.StudentOf(attempt);
            yield break;
        }

        var namesUser = false;
        foreach (var user in ValuesOf("\"user_id\""u8.ToArray(), value))
        {
            namesUser = true;
            yield return new Erasure(ErasureKind.Student, user);
        }

        foreach (var id in ValuesOf("\"user_exam_id\""u8.ToArray(), value))
        {
            yield return new Erasure(ErasureKind.Attempt, id);
            if (!namesUser)
            {
                yield return new Erasure(ErasureKind.Student, id);
            }
        }
    }

    private static AttemptEvent? EventIn(byte[] value)
    {
        try
        {
            return AttemptEventReader.Read(value);
        }
        catch (InvalidEventException)
        {
            return null;
        }
    }

    /// <summary>The texts and whole numbers that stand behind a name.</summary>
    private static List<string> ValuesOf(byte[] name, byte[] json)
    {
        var values = new List<string>();
        for (var rest = json.AsSpan(); rest.IndexOf(name) is >= 0 and var at;)
        {
            rest = rest[(at + name.Length)..].TrimStart(" \t\r\n"u8);
            if (rest.StartsWith(":"u8) && ValueAt(rest[1..]) is { Length: > 0 } value)
            {
                values.Add(value);
            }
        }

        return values;
    }

    private static string? ValueAt(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return !reader.Read() ? null
                : reader.TokenType == JsonTokenType.String ? reader.GetString()
                : reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // Broken off, or no text.
        }
    }
}
