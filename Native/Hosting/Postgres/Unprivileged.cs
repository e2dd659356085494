using System.Globalization;

namespace Native.Hosting;

/// <summary>
/// PostgreSQL refuses to run as root. A user namespace needs no account and works in folders that other users can't enter;
/// where namespaces are forbidden an unprivileged user of this machine runs it, and owns its data.
/// </summary>
/// <param name="Prefix">What to write before a command line; empty for who is not root.</param>
/// <param name="Owner">The user, "id:group", that must own the data; null where files need no other owner.</param>
internal sealed record Unprivileged(IReadOnlyList<string> Prefix, string? Owner)
{
    public static async Task<Unprivileged> FindAsync(CancellationToken cancellationToken)
    {
        if (Environment.UserName != "root" && !Environment.IsPrivilegedProcess)
        {
            return new Unprivileged([], null);
        }

        // initdb looks its user's name up, so the id must be one that this machine knows.
        var users = Users();
        foreach (var (_, id, group) in users.OrderBy(user => user.Id == "1000" ? 0 : 1))
        {
            string[] inNamespace = ["unshare", "--user", $"--map-user={id}", $"--map-group={group}", "--"];
            if ((await Command.RunAsync([.. inNamespace, "true"], cancellationToken)).Succeeded)
            {
                return new Unprivileged(inNamespace, null);
            }

            break;
        }

        foreach (var (_, id, group) in users.OrderBy(user => user.Name switch { "postgres" => 0, "nobody" => 1, _ => 2 }))
        {
            string[] asUser = ["setpriv", $"--reuid={id}", $"--regid={group}", "--clear-groups", "--"];
            if ((await Command.RunAsync([.. asUser, "true"], cancellationToken)).Succeeded)
            {
                return new Unprivileged(asUser, $"{id}:{group}");
            }

            break;
        }

        throw new InvalidOperationException(
            "PostgreSQL refuses to run as root, and neither 'unshare --user' nor 'setpriv' works here: run this as an unprivileged user.");
    }

    /// <summary>Gives a folder and all in it to the user who runs PostgreSQL, where that is another one.</summary>
    public async Task OwnAsync(string folder, CancellationToken cancellationToken)
    {
        if (Owner is null)
        {
            return;
        }

        var answer = await Command.RunAsync(["chown", "-R", Owner, folder], cancellationToken);
        if (!answer.Succeeded)
        {
            throw new InvalidOperationException($"{folder} can't be given to the user {Owner} who is to run PostgreSQL: {answer.Error.Trim()}");
        }
    }

    private static List<(string Name, string Id, string Group)> Users() =>
        [.. File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length >= 4 && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            .Select(fields => (fields[0], fields[2], fields[3]))];
}
