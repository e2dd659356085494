using System.Globalization;
using Native.Hosting;

/// <summary>The ports that scripts rely on, moved by an offset; a taken one is replaced by a free one.</summary>
internal sealed class Addresses(int offset)
{
    public Port Api { get; } = Port.Choose(5180 + offset);

    public Port Dashboard { get; } = Port.Choose(18888 + offset);

    public Port Telemetry { get; } = Port.Choose(18889 + offset);

    public Port Kafka { get; } = Port.Choose(9092 + offset);

    /// <summary>Tells Aspire where its dashboard is, as arguments: in the environment every process started from here would find it too.</summary>
    public string[] ForAspire =>
    [
        $"--ASPNETCORE_URLS=http://localhost:{Dashboard}",
        $"--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:{Telemetry}",
        "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
        "--ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS=true",
    ];

    /// <summary>A port to listen on.</summary>
    /// <param name="Number">The port.</param>
    /// <param name="Wanted">The one it would be if it were free.</param>
    internal sealed record Port(int Number, int Wanted)
    {
        public static Port Choose(int wanted) => new(Ports.IsFree(wanted) ? wanted : Ports.Free(), wanted);

        /// <summary>An address as it is printed: with a word on a port that had to be replaced.</summary>
        public string In(string address) =>
            Number != Wanted && address.EndsWith($":{this}", StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $"{address} ({Wanted} is taken)")
                : address;

        public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
    }
}
