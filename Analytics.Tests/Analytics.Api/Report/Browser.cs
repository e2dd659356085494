using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Analytics.Tests.Analytics.Api.Report.Browser))]

namespace Analytics.Tests.Analytics.Api.Report;

/// <summary>The machine's Chromium, started when the first test asks for a page. Playwright's own download is not used.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>A foreign name that, in this browser, leads to this machine.</summary>
    public const string ReboundHost = "rebound.example";

    private static readonly string? Chromium = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine)
        .FirstOrDefault(File.Exists);

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _started = new(StartAsync);

    /// <summary>Opens an empty page in a context of its own; skips the test where there is no Chromium.</summary>
    public async Task<IPage> OpenAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(Chromium is null, "Chromium is not on PATH.");
        return await (await (await _started.Value).Browser.NewContextAsync(options)).NewPageAsync();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            var (playwright, browser) = await _started.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            // Chromium's sandbox refuses root, whom containers run as.
            // A name that DNS rebinding has pointed at this machine.
            Args = [$"--host-resolver-rules=MAP {ReboundHost} 127.0.0.1", .. Environment.IsPrivilegedProcess ? ["--no-sandbox"] : Array.Empty<string>(),
                "--disable-background-networking", "--disable-component-update"],
        });
        return (playwright, browser);
    }
}
