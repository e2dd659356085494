using Kafka.Broker.Server;
using Kafka.Broker.Settings;

const int Misused = 2;

var parsed = CommandLine.Create(BrokerHost.RunAsync).Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync($"{parsed.Errors[0].Message} See --help.");
    return Misused;
}

try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception e) when (CauseOf(e) is ArgumentException or IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(CauseOf(e).Message);
    return Misused;
}

// Partitions are opened in parallel: the first that failed is what there is to say.
static Exception CauseOf(Exception e) => e is AggregateException { InnerException: { } cause } ? cause : e;
