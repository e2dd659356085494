using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A default that is made up once and kept in <c>.aspire/parameters.json</c>, where Aspire uses the user's secrets.</summary>
internal sealed class PersistedParameterDefault(string appHostDirectory, string name, ParameterDefault inner) : ParameterDefault
{
    private static readonly Lock Gate = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public override string GetDefaultValue()
    {
        lock (Gate)
        {
            var file = Path.Combine(StateDirectory.Of(appHostDirectory), "parameters.json");
            Dictionary<string, string> values = File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [] : [];
            if (!values.TryGetValue(name, out var value))
            {
                values[name] = value = inner.GetDefaultValue();
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using var stream = new FileStream(file, options);
                JsonSerializer.Serialize(stream, values, Indented);
            }

            return value;
        }
    }
}
