using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Analytics.Api.Sql;

namespace Analytics.Api.Queries;

/// <summary>
/// The folder of saved queries, a file of SQL each: the one that the setting <c>Queries:Folder</c> names, else <c>data/queries</c> of the repository, else the
/// one that came with the program. It is read each time, so a file is there as soon as it is written.
/// </summary>
internal sealed partial class QueryFolder(IConfiguration configuration, IHostEnvironment environment)
{
    private const int MostFiles = 500;

    /// <summary>The folder's path; it need not exist.</summary>
    public string Path { get; } = configuration["Queries:Folder"] is { Length: > 0 } named
        ? System.IO.Path.GetFullPath(named, environment.ContentRootPath)
        : new[] { System.IO.Path.GetFullPath("../data/queries", environment.ContentRootPath), System.IO.Path.Combine(AppContext.BaseDirectory, "queries") }
            .OrderByDescending(Directory.Exists).First();

    /// <summary>All queries by title; files of other names than a query's are left alone.</summary>
    public IReadOnlyList<SavedQuery> ReadAll() => !Directory.Exists(Path)
        ? []
        :
        [
            .. Directory.EnumerateFiles(Path, "*.sql").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal).Take(
                MostFiles)
                .Select(Find).OfType<SavedQuery>().OrderBy(query => query.Title, StringComparer.OrdinalIgnoreCase),
        ];

    /// <summary>One query; null if there is none of that name.</summary>
    public SavedQuery? Find(string name)
    {
        try
        {
            // A name of these characters leads nowhere else.
            return Name().IsMatch(name) ? SavedQuery.Read(name, ReadText(System.IO.Path.Combine(Path, $"{name}.sql"))) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Another text whenever a file is another.</summary>
    public string ReadVersion()
    {
        var files = Directory.Exists(Path) ? new DirectoryInfo(Path).GetFiles("*.sql") : [];
        var text = string.Join('\n', files.OrderBy(file => file.Name, StringComparer.Ordinal).Take(MostFiles).Select(
            file => $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
    }

    // One character more than a statement may have is enough to see that it has too many.
    private static string ReadText(string file)
    {
        using var reader = new StreamReader(file);
        var text = new char[SqlOptions.LongestStatement + 1];
        return new string(text, 0, reader.ReadBlock(text));
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,99}$")]
    private static partial Regex Name();
}
