using System.Globalization;

namespace Analytics.Api.Sql;

/// <summary>A node of a query as PostgreSQL's analysis leaves it and its <c>nodeToString</c> writes it (outfuncs.c): <c>{TYPE :field value …}</c>.</summary>
/// <param name="type">Its type, in capitals; nothing for a list.</param>
internal sealed class NodeTree(string type)
{
    public string Type => type;

    /// <summary>What it holds, in order: for a list under no name. A value is a node, a list, or a word as it stands.</summary>
    public List<(string Name, object Value)> Fields { get; } = [];

    /// <summary>The value under a name; null if there is none.</summary>
    public object? this[string name] => Fields.FirstOrDefault(field => field.Name == name).Value;

    /// <summary>The numbers of a field: an oid, or a list of some.</summary>
    public static IEnumerable<uint> Numbers(object? value) => value switch
    {
        string word when uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => [number],
        NodeTree { Type: "" } list => list.Fields.SelectMany(field => Numbers(field.Value)),
        _ => [],
    };

    /// <summary>Reads all nodes of a tree, the outermost last. Deep trees are no matter.</summary>
    /// <exception cref="FormatException">It is no such tree.</exception>
    public static List<NodeTree> ReadAll(string text)
    {
        var nodes = new List<NodeTree>();
        var open = new Stack<NodeTree>();
        var root = new NodeTree("");
        open.Push(root);
        var name = "";
        var names = new Stack<string>();
        for (var at = 0; Next(text, ref at) is { } token;)
        {
            switch (token)
            {
                case "{":
                    names.Push(name);
                    open.Push(new NodeTree(Next(text, ref at) ?? throw new FormatException("A node has no type.")));
                    break;
                case "(":
                    names.Push(name);
                    open.Push(new NodeTree(""));
                    name = "";
                    break;
                case "}" or ")":
                    if (open.Count == 1)
                    {
                        throw new FormatException("A node that is not open is closed.");
                    }

                    var closed = open.Pop();
                    name = names.Pop();
                    open.Peek().Fields.Add((name, closed));
                    if (closed.Type.Length > 0)
                    {
                        nodes.Add(closed);
                    }

                    break;
                case [':', ..] when open.Peek().Type.Length > 0:
                    name = token[1..];
                    break;
                default:
                    open.Peek().Fields.Add((name, token));
                    break;
            }
        }

        return open.Count == 1 ? nodes : throw new FormatException("A node is not closed.");
    }

    // pg_strtok (read.c): parentheses and braces stand for themselves, a backslash takes the next letter as it is. A name that a person chose is one word
    // here and never a brace; it is not made whole again, for no name matters.
    private static string? Next(string text, ref int at)
    {
        while (at < text.Length && text[at] is (' ' or '\n' or '\t'))
        {
            at++;
        }

        if (at >= text.Length)
        {
            return null;
        }

        var start = at;
        if (text[at] is '(' or ')' or '{' or '}')
        {
            return text[at++].ToString();
        }

        while (at < text.Length && text[at] is not (' ' or '\n' or '\t' or '(' or ')' or '{' or '}'))
        {
            at += text[at] == '\\' ? 2 : 1;
        }

        at = Math.Min(at, text.Length);
        return text[start..at];
    }
}
