using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api;

/// <summary>Checks the settings before the first request could meet a wrong one.</summary>
internal static class Configuration
{
    /// <returns>What is wrong, in one sentence each; null if nothing is.</returns>
    public static string? Complaint(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            _ = services.GetRequiredService<NpgsqlDataSource>();
            return null;
        }
        catch (OptionsValidationException wrong)
        {
            return string.Join(' ', wrong.Failures);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            return wrong.Message;
        }
    }
}
