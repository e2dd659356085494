using System.Text;
using System.Text.Json;

namespace Assessments;

/// <summary>What a JSON object that is no event of ours turns out to be: an envelope that may hold one, or a message of another known format.</summary>
internal readonly ref struct Envelope
{
    /// <summary>The envelope's name, such as "Kafka Connect's envelope"; empty where there is none.</summary>
    public string Name { get; private init; }

    /// <summary>The bytes that the envelope holds; null where there is none, or it is empty.</summary>
    public byte[]? Content { get; private init; }

    /// <summary>What it is and what to do, in one sentence; null where it is nothing known.</summary>
    public string? Problem { get; private init; }

    /// <summary>Whether <see cref="Problem"/> is that it is of another format altogether.</summary>
    public bool IsOtherFormat { get; private init; }

    /// <summary>Looks at the names of an object.</summary>
    /// <param name="utf8">A valid JSON object.</param>
    public static Envelope Of(ReadOnlySpan<byte> utf8)
    {
        using var json = JsonDocument.Parse(utf8.ToArray());
        var root = json.RootElement;
        if (Has(root, "payload") && (Has(root, "schema") || Has(root, "topic", "partition", "offset")))
        {
            return Holding(root, "payload", Has(root, "schema") ? "Kafka Connect's envelope" : "kcat's envelope");
        }

        if (Has(root, "op", "after"))
        {
            return Holding(root, "after", "Debezium's envelope");
        }

        if (Has(root, "specversion") && (Has(root, "data") || Has(root, "data_base64")))
        {
            return Holding(root, Has(root, "data") ? "data" : "data_base64", "the CloudEvents envelope");
        }

        return Has(root, "actor", "verb", "object") ? Other("an xAPI statement")
            : Has(root, "sensor", "data") || Has(root, "sensor", "sendTime") ? Other("a Caliper envelope")
            : Has(root, "@context", "actor", "action") ? Other("a Caliper event")
            : Has(root, "event_type", "event") ? Other("a line of an edX tracking log")
            : default;
    }

    private static bool Has(JsonElement root, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!root.TryGetProperty(name, out _))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The content is an object, or a string that holds its JSON.</summary>
    private static Envelope Holding(JsonElement root, string field, string name)
    {
        var content = root.GetProperty(field);
        var bytes = content.ValueKind switch
        {
            JsonValueKind.Object => Encoding.UTF8.GetBytes(content.GetRawText()),
            JsonValueKind.String when field == "data_base64" => content.TryGetBytesFromBase64(out var decoded) ? decoded : null,
            JsonValueKind.String => Text(content),
            _ => null,
        };
        return new Envelope { Name = name, Content = bytes, Problem = bytes is null ? $"This is {name} whose {field} holds no event." : null };
    }

    private static byte[]? Text(JsonElement content)
    {
        try
        {
            return Encoding.UTF8.GetBytes(content.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return null; // Half of a surrogate pair, which is no character.
        }
    }

    private static Envelope Other(string what) => new()
    {
        Name = "",
        Problem = $"This is {what}, not an event of this application: write its figures into the fields that docs/reference/event.md lists.",
        IsOtherFormat = true,
    };
}
