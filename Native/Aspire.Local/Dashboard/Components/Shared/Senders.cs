using Aspire.Local.Dashboard.Telemetry;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>The senders of telemetry as a list to choose from.</summary>
internal static class Senders
{
    /// <summary>"All", each name that several replicas share, each sender; and the one chosen, also before it has sent anything.</summary>
    public static IEnumerable<(string Value, string Text)> Choices(TelemetryStore store, Func<TelemetryResource, bool> sends, string? chosen)
    {
        var choices = new List<(string Value, string Text)> { ("", "All") };
        foreach (var replicas in store.Resources().Where(sends).GroupBy(r => r.Name))
        {
            choices.Add((replicas.Key, replicas.Key));
            if (replicas.Skip(1).Any())
            {
                choices.AddRange(replicas.Select(r => (r.FullName, $"{r.Name} · {Format.ShortId(r.InstanceId)}")));
            }
        }

        if (!string.IsNullOrEmpty(chosen) && !choices.Exists(choice => choice.Value == chosen))
        {
            choices.Add((chosen, chosen));
        }

        return choices;
    }
}
