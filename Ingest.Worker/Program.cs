using System.CommandLine;
using Ingest.Worker.Consume;
using Ingest.Worker.Maintenance;
using Ingest.Worker.Publish;

var root = new RootCommand("Brings assessment events from Kafka into PostgreSQL until it is stopped, each exactly once.")
{
    PublishCommand.Create(),
    VerifyCommand.Create(),
    RebuildCommand.Create(),
    EraseCommand.Create(),
};
root.SetAction((_, stopping) => IngestHost.RunAsync(stopping));

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync($"{parsed.Errors[0].Message} See --help.");
    return 2;
}

return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
