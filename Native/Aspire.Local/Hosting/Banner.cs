namespace Aspire.Hosting;

/// <summary>The first line of output: what this is, and what it is not.</summary>
internal static class Banner
{
    private static int _written;

    /// <summary>Writes it, once; not under a test.</summary>
    public static void Write()
    {
        if (BuilderHooks.Current is null && Interlocked.Exchange(ref _written, 1) == 0)
        {
            Console.Out.WriteLine("This is Aspire.Local, not Aspire: the package feed has no Aspire packages. Missing: containers, HTTPS certificates, publishing and deployment.");
        }
    }
}
