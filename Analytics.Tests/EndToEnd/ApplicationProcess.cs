using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;

namespace Analytics.Tests.EndToEnd;

/// <summary>The AppHost as its user starts it: a process of its own, with its state in a folder and its ports moved aside.</summary>
internal sealed class ApplicationProcess : IAsyncDisposable
{
    private static int _offset = 3000 + (Environment.ProcessId % 200 * 50);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];

    private ApplicationProcess(Process process) => _process = process;

    /// <summary>Every line that the application has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_seen)
            {
                return string.Join('\n', _seen);
            }
        }
    }

    public int Id => _process.Id;

    /// <summary>The AppHost as it was built, beside its own dependencies.</summary>
    public static string AppHost { get; } = Repository.Output("AppHost", "AppHost.dll");

    public HttpClient Api { get; private set; } = null!;

    public string Kafka { get; private set; } = "";

    /// <summary>Starts the application and waits until it says that it is ready.</summary>
    public static Task<ApplicationProcess> StartAsync(string state, string data, params (string Name, string Value)[] environment) =>
        StartAsync(state, data, [], environment);

    /// <summary>Starts the application with further arguments and waits until it says that it is ready.</summary>
    public static async Task<ApplicationProcess> StartAsync(string state, string data, string[] arguments, params (string Name, string Value)[] environment)
    {
        var offset = Interlocked.Add(ref _offset, 10);
        // Where CI runs in the background, Ctrl+C's signal is ignored, and what it starts inherits that.
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        string[] call =
        [
            "--default-signal=INT", "dotnet", AppHost, "--state", state, "--data", data,
            "--port-offset", offset.ToString(CultureInfo.InvariantCulture), .. arguments,
            .. arguments.Contains("--infrastructure") ? Array.Empty<string>() : ["--infrastructure", "native"],
        ];
        foreach (var argument in call)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var application = new ApplicationProcess(Process.Start(start)!);
        application._process.OutputDataReceived += application.Hear;
        application._process.ErrorDataReceived += application.Hear;
        application._process.BeginOutputReadLine();
        application._process.BeginErrorReadLine();
        try
        {
            await application.WaitForLineAsync("Ready in ", TimeSpan.FromMinutes(4));
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        application.Api = new HttpClient { BaseAddress = new Uri(application.Address("API")), Timeout = TimeSpan.FromSeconds(30) };
        application.Kafka = application.Address("Kafka");
        return application;
    }

    /// <summary>Sends the signal that Ctrl+C sends and returns how long everything took to end.</summary>
    public async Task<TimeSpan> InterruptAsync()
    {
        var watch = Stopwatch.StartNew();
        Signal(_process.Id, "INT");
        await _process.WaitForExitAsync(Deadline(TimeSpan.FromSeconds(30)));
        return watch.Elapsed;
    }

    /// <summary>The processes that the application started whose command line contains a text.</summary>
    public static IReadOnlyList<int> Running(string commandLine) =>
        [.. from folder in Directory.EnumerateDirectories("/proc")
            let name = Path.GetFileName(folder)
            where int.TryParse(name, CultureInfo.InvariantCulture, out _)
            where CommandLine(folder).Contains(commandLine, StringComparison.Ordinal)
            select int.Parse(name, CultureInfo.InvariantCulture)];

    /// <summary>The process ids of what the application runs whose command line contains a text.</summary>
    public IReadOnlyList<int> Children(string commandLine)
    {
        var orchestrator = Orchestrator;
        return [.. Running(commandLine).Where(id => Ancestors(id).Contains(orchestrator))];
    }

    /// <summary>Aspire's orchestrator, which is no child of the AppHost but was told its number.</summary>
    public int Orchestrator => Running($"start-apiserver --monitor {_process.Id.ToString(CultureInfo.InvariantCulture)} ").Single();

    /// <summary>Waits until the application itself has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndedAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync(Deadline(limit));
        return _process.ExitCode;
    }

    /// <summary>Waits until nothing runs any more whose command line contains a text.</summary>
    public static async Task GoneAsync(string commandLine, TimeSpan limit)
    {
        var deadline = Deadline(limit);
        while (Running(commandLine) is { Count: > 0 } left)
        {
            try
            {
                await Task.Delay(300, deadline);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"After {limit} there still run: {string.Join(", ", left.Select(id => CommandLine($"/proc/{id}")))}");
            }
        }
    }

    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Asks until the answer is as wanted; each question waits for the answer to the one before.</summary>
    public async Task<JsonElement> AskUntilAsync(string path, Func<JsonElement, bool> wanted, TimeSpan limit)
    {
        var deadline = Deadline(limit);
        JsonElement answer = default;
        while (true)
        {
            try
            {
                answer = await Api.GetFromJsonAsync<JsonElement>(path, deadline);
                if (wanted(answer))
                {
                    return answer;
                }
            }
            catch (HttpRequestException) when (!deadline.IsCancellationRequested)
            {
                // The API says 503 while its database comes back.
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"GET {path} still answers {answer} after {limit}.\n{Output}");
            }

            await Task.WhenAny(Task.Delay(200, deadline));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        if (!_process.HasExited)
        {
            try
            {
                await InterruptAsync();
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private async Task WaitForLineAsync(string start, TimeSpan limit)
    {
        var deadline = Deadline(limit);
        _ = _process.WaitForExitAsync(deadline).ContinueWith(_ => _lines.Writer.TryComplete(), TaskScheduler.Default);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(deadline))
            {
                if (line.StartsWith(start, StringComparison.Ordinal))
                {
                    return;
                }
            }

            throw new InvalidOperationException($"The application ended before it was ready:\n{Output}");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The application was not ready after {limit}:\n{Output}");
        }
    }

    /// <summary>The address that was printed under a name.</summary>
    public string Address(string of) =>
        Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(
            words => words is [var first, ..] && first == of)?[1]
            ?? throw new InvalidOperationException($"No address of {of} was printed:\n{Output}");

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            lock (_seen)
            {
                _seen.Add(line.Data);
            }

            _lines.Writer.TryWrite(line.Data);
        }
    }

    private static IEnumerable<int> Ancestors(int processId)
    {
        for (var id = ParentOf(processId); id > 1; id = ParentOf(id))
        {
            yield return id;
        }
    }

    private static int ParentOf(int processId)
    {
        try
        {
            // The command, field 2, is in parentheses and may contain anything.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static CancellationToken Deadline(TimeSpan limit)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(limit);
        return source.Token;
    }
}
