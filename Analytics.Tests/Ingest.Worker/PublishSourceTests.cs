using System.Diagnostics;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>What publish is given: pipes, other formats, events that ingest would refuse.</summary>
public sealed class PublishSourceTests(IngestBroker broker) : IDisposable
{
    private const string Events = """
        {"keen_id":"k1","user_exam_id":"a1"}
        {"keen_id":"k2","user_exam_id":"a2"}
        """;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("publish <(cat FILE)")]
    [InlineData("cat FILE | publish /dev/stdin")]
    [InlineData("publish /dev/stdin < FILE")]
    [InlineData("mkfifo FILE.pipe; cat FILE > FILE.pipe & publish FILE.pipe")]
    public async Task What_can_be_read_only_once_is_published_once(string script)
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var file = File("events.ndjson", Events);

        var (exitCode, output) = await ShellAsync(script.Replace("FILE", file, StringComparison.Ordinal), topic);

        Assert.Equal(0, exitCode);
        Assert.Contains(": 2 events published, 0 faulty, in ", output, StringComparison.Ordinal);
        Assert.Equal(2, topic.ReadAll().Count);
    }

    [Fact]
    public async Task A_pipe_can_not_be_published_only_once()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());

        var (exitCode, output) = await ShellAsync($"publish --once <(cat {File("events.ndjson", Events)})", topic);

        Assert.Equal(2, exitCode);
        Assert.Contains("--once can't be used with the pipe /dev/fd/", output, StringComparison.Ordinal);
        Assert.Empty(topic.ReadAll());
    }

    [Theory]
    [InlineData("/tmp", "/tmp is a directory: name the files in it, such as /tmp/*.json.")]
    [InlineData("https://example.org/a.json", "https://example.org/a.json is an address, and publish reads files: fetch it first, as with curl -sSL "
        + "https://example.org/a.json | publish -")]
    public async Task A_directory_or_an_address_is_told_in_one_sentence(string path, string sentence)
    {
        var (exitCode, _, error) = await WorkerProcess.RunAsync(["publish", path]);

        Assert.Equal((2, sentence), (exitCode, error.TrimEnd()));
    }

    [Theory]
    [InlineData("BZh91AY&SY and so on", "This is a bzip2 file, not JSON: unpack it first, as with bzcat FILE | publish -.")]
    [InlineData("""{"actor":{},"verb":{},"object":{}}""", "This is an xAPI statement, not an event of this application: write its figures into the fields "
        + "that docs/reference/event.md lists.")]
    public async Task A_file_of_another_format_is_told_once_and_nothing_of_it_is_published(string line, string sentence)
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var file = File("other", string.Join('\n', Enumerable.Repeat(line, 100)));

        var (exitCode, output, error) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, file);

        Assert.Equal((2, "", $"{file}: {sentence}"), (exitCode, output, error.TrimEnd()));
        Assert.Empty(topic.ReadAll());
    }

    [Fact]
    public async Task What_ingest_would_refuse_is_refused_here_with_line_and_field()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var file = File("ill.ndjson", $$$$"""
            {"keen_id":"k1","user_exam_id":"a1","started_at":"yesterday"}
            {"keen_id":"k2","user_exam_id":"a2","keen_timestamp":"1516717442735"}
            {"keen_id":"k3","user_exam_id":"a3","exam_name":"{{{{new string('x', 4000)}}}}"}
            {"keen_id":"k4","user_exam_id":"a4","sequences":{"counts":{"correct":NaN}}}
            """);

        var (exitCode, output, error) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, file);

        Assert.Equal(1, exitCode);
        Assert.Contains(": 1 events published, 3 faulty, in ", output, StringComparison.Ordinal);
        var lines = error.TrimEnd().Split('\n');
        Assert.StartsWith($"{file}: line 1, byte 0: started_at at byte 49 is neither", lines[0], StringComparison.Ordinal);
        Assert.Contains(": line 3, byte 132: exam_name at byte 48 has 4000 characters; at most 500 are allowed.", lines[1], StringComparison.Ordinal);
        Assert.Contains(": line 4, ", lines[2], StringComparison.Ordinal);
        Assert.Contains("NaN at byte 69 is no JSON number", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, topic.ReadAll().Count(record => record.Message.Headers.TryGetLastBytes("dead-letter-reason", out _)));
    }

    [Fact]
    public async Task Of_many_faults_only_the_first_are_told_one_by_one()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());

        var (exitCode, _, error) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, File("many", string.Concat(Enumerable.Repeat("{}\n", 5000))));

        var lines = error.TrimEnd().Split('\n');
        Assert.Equal((1, 101), (exitCode, lines.Length));
        Assert.EndsWith(": and 4,900 more; /api/dead-letters/groups will count them by reason.", lines[^1], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(int ExitCode, string Output)> ShellAsync(string script, Topic topic)
    {
        var worker = Path.Combine(AppContext.BaseDirectory, "Ingest.Worker.dll");
        var publish = $"publish() {{ dotnet {worker} publish --topic {topic.Name} --bootstrap-servers {topic.Servers} \"$@\"; }}";
        using var shell =
            Process.Start(new ProcessStartInfo("bash", ["-c", $"{publish}\n{script}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = shell.StandardOutput.ReadToEndAsync(Deadline.Token);
        var error = shell.StandardError.ReadToEndAsync(Deadline.Token);
        await shell.WaitForExitAsync(Deadline.Token);
        return (shell.ExitCode, await output + await error);
    }

    private string File(string name, string text)
    {
        var path = _folder.In(name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
