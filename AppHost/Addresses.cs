using System.Globalization;
using System.Reflection;
using Native.Hosting;

/// <summary>The ports that scripts rely on, moved by an offset; a taken one is replaced by a free one.</summary>
internal sealed class Addresses(int offset)
{
    public Port Api { get; } = Port.Choose(5180 + offset);

    public Port Dashboard { get; } = Port.Choose(18888 + offset);

    public Port Telemetry { get; } = Port.Choose(18889 + offset);

    public Port Kafka { get; } = Port.Choose(9092 + offset);

    public Port ZooKeeper { get; } = Port.Choose(2181 + offset);

    /// <summary>
    /// Tells Aspire where its dashboard is and how to treat it, as arguments: in the environment every process started from here would find it too.
    /// The dashboard is on plain HTTP on loopback, where a certificate that no browser knows would only warn, and asks for its token.
    /// </summary>
    public string[] ForAspire =>
    [
        // Its settings are found from whatever folder it is started.
        $"--contentRoot={ProjectFolder}",
        $"--ASPNETCORE_URLS=http://localhost:{Dashboard}",
        $"--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:{Telemetry}",
        "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
        "--ASPIRE_DEVELOPER_CERTIFICATE_DEFAULT_TRUST=false",
        "--ASPIRE_VERSION_CHECK_DISABLED=true",
    ];

    private static string ProjectFolder => typeof(Addresses).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "apphostprojectpath").Value!;

    /// <summary>A port to listen on.</summary>
    /// <param name="Number">The port.</param>
    /// <param name="Wanted">The one it would be if it were free.</param>
    internal sealed record Port(int Number, int Wanted)
    {
        public static Port Choose(int wanted) => new(Ports.IsFree(wanted) ? wanted : Ports.Free(), wanted);

        /// <summary>An address as it is printed: with a word on a port that had to be replaced.</summary>
        public string In(string address) =>
            Number != Wanted && address.Contains($":{this}", StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $"{address} ({Wanted} is taken)")
                : address;

        public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
    }
}
