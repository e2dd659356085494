using System.Globalization;
using BenchmarkDotNet.Running;
using Benchmarks.Answers;
using Benchmarks.Coordination;
using Benchmarks.Ingest;
using Data.Generator;

// dotnet run -c Release --project Benchmarks -- answers [ATTEMPTS [SECONDS]]: the API over few and over many attempts, beside pgbench.
// dotnet run -c Release --project Benchmarks -- ingest [ATTEMPTS [USERS [ByDay|Random]]]: from a filled topic to committed, beside a raw COPY.
// dotnet run -c Release --project Benchmarks -- coordination [SECONDS]: the coordination server, beside Apache ZooKeeper where ZOOKEEPER_JARS names its jars.
// dotnet run -c Release --project Benchmarks -- --filter '*': what BenchmarkDotNet measures.
if (args is ["answers", .. var numbers])
{
    await AnswersBenchmark.RunAsync(
        numbers.Length > 0 ? long.Parse(numbers[0], CultureInfo.InvariantCulture) : 1_000_000,
        numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : 10);
}
else if (args is ["ingest", .. var load])
{
    await IngestBenchmark.RunAsync(
        load.Length > 0 ? long.Parse(load[0], CultureInfo.InvariantCulture) : 1_000_000,
        load.Length > 1 ? int.Parse(load[1], CultureInfo.InvariantCulture) : 0,
        load.Length > 2 ? Enum.Parse<LoadOrder>(load[2]) : LoadOrder.ByDay);
}
else if (args is ["coordination", .. var seconds])
{
    await CoordinationBenchmark.RunAsync(seconds.Length > 0 ? double.Parse(seconds[0], CultureInfo.InvariantCulture) : 5);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
