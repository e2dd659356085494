namespace Analytics.Tests;

/// <summary>Variants of tests that take long and whose shorter variant always runs.</summary>
public static class LongTests
{
    public const string Reason = "A longer variant of a test that ran: ACTIVITY_LONG_TESTS=1 runs it.";

    public static bool AreWanted => Environment.GetEnvironmentVariable("ACTIVITY_LONG_TESTS") == "1";
}
