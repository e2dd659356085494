using System.Globalization;
using BenchmarkDotNet.Running;
using Benchmarks.Answers;

// dotnet run -c Release --project Benchmarks -- answers [ATTEMPTS [SECONDS]]: the API over few and over many attempts, beside pgbench.
// dotnet run -c Release --project Benchmarks -- --filter '*': what BenchmarkDotNet measures.
if (args is ["answers", .. var numbers])
{
    await AnswersBenchmark.RunAsync(
        numbers.Length > 0 ? long.Parse(numbers[0], CultureInfo.InvariantCulture) : 1_000_000,
        numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : 10);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
