using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api;

/// <summary>The notebooks, run over the whole data set as their readers run them.</summary>
[Collection(nameof(DataSetApi))]
public sealed class NotebookTests(DataSetApi dataSet)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "notebooks");

    [Fact]
    public async Task The_Python_notebook_runs_to_its_end_and_shows_the_published_figures()
    {
        Assert.SkipUnless(await CanRunAsync(), "jupyter-nbconvert with Debian's Python, ipykernel, pandas and matplotlib is not on this machine.");

        var notebook =
            JsonNode.Parse(await RunAsync("/usr/bin/jupyter-nbconvert", "--to", "notebook", "--execute", "--stdout", Path.Combine(Folder, "report.ipynb")))!;

        var outputs = notebook["cells"]!.AsArray()
            .SelectMany(cell => cell!["outputs"]?.AsArray() ?? [])
            .Select(output => string.Concat(output!["data"]?["text/plain"]?.AsArray().Select(line => (string)line!) ?? []))
            .ToArray();
        Assert.Contains("390", outputs);
        Assert.Contains("49.9692", outputs);
        Assert.Contains(outputs, output => output.Contains("14 o'clock: 224 messages", StringComparison.Ordinal));
        Assert.Contains(outputs, output => output.Contains("'scored': 3275, ", StringComparison.Ordinal)
            || output.Contains("'scored': 3275,\n", StringComparison.Ordinal));
        Assert.Contains(outputs, output => output.StartsWith("7.4311", StringComparison.Ordinal));
        Assert.Contains(outputs, output => output.StartsWith("['Learning to Visualize Data with D3.js'", StringComparison.Ordinal));
        Assert.Equal(3, outputs.Count(output => output.StartsWith("<Figure", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_C_sharp_report_runs_to_its_end_and_shows_the_published_figures()
    {
        var lines = (await RunAsync("dotnet", "run", Path.Combine(Folder, "report.cs")))
            .Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();

        Assert.Contains("3280 38 3242 3242 103 107 0 0 0", lines);
        Assert.Contains("394 390 390", lines);
        Assert.Contains("3275 62.657", lines);
        Assert.Contains("14 224", lines);
        Assert.Contains("Native Web Apps for Android 1", lines);
    }

    private static async Task<bool> CanRunAsync()
    {
        if (!File.Exists("/usr/bin/jupyter-nbconvert"))
        {
            return false;
        }

        using var python = Process.Start("/usr/bin/python3", ["-c", "import pandas, ipykernel, matplotlib"]);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        return python.ExitCode == 0;
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ACTIVITY_API"] = (await dataSet.StartedAsync()).Client.BaseAddress!.ToString().TrimEnd('/');
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors + await output);
        return await output;
    }
}
