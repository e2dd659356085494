using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Data.Generator;

var dataSetFile = new Option<string>("--out") { Description = "The file to write, or - for standard output.", DefaultValueFactory = _ => "-" };
var dataSet = new Command("dataset", "Writes the reconstructed data set, 3,280 messages, as a JSON array compressed with gzip.") { dataSetFile };
dataSet.SetAction(parsed => Run(parsed.GetRequiredValue(dataSetFile), output =>
{
    DataSet.WriteGzip(output);
    return "The data set is written.";
}));

var attempts = new Option<long>("--attempts") { Description = "How many distinct attempts.", Required = true };
var redelivered = new Option<double>("--redelivered") { Description = "The share of attempts whose event comes twice.", DefaultValueFactory = _ => 0.01 };
var replaced = new Option<double>("--replaced") { Description = "The share of attempts with a second, newer event.", DefaultValueFactory = _ => 0.01 };
var users = new Option<int>("--users") { Description = "Among how many users the attempts are spread; 0 leaves users out.", DefaultValueFactory = _ => 0 };
var seed = new Option<ulong>("--seed") { Description = "Another seed gives other attempts.", DefaultValueFactory = _ => 1 };
var eventsFile = new Option<string>("--out") { Description = "The file to write, or - for standard output.", DefaultValueFactory = _ => "-" };
MustBe(attempts, value => value >= 0, "0 or more");
MustBe(users, value => value >= 0, "0 or more");
MustBe(redelivered, value => value is >= 0 and <= 1, "a share from 0 to 1");
MustBe(replaced, value => value is >= 0 and <= 1, "a share from 0 to 1");
MustBe(seed, _ => true, "0 or more");
var events = new Command("events", "Writes any number of events, one a line.") { attempts, redelivered, replaced, users, seed, eventsFile };
events.SetAction(parsed => Run(parsed.GetRequiredValue(eventsFile), output =>
{
    var started = Stopwatch.GetTimestamp();
    var counts = LoadGenerator.Write(output, new LoadOptions
    {
        Attempts = parsed.GetValue(attempts),
        Redelivered = parsed.GetValue(redelivered),
        Replaced = parsed.GetValue(replaced),
        Users = parsed.GetValue(users),
        Seed = parsed.GetValue(seed),
    });
    var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    return string.Create(CultureInfo.InvariantCulture,
        $"{counts.Events:N0} events written: {counts.Attempts:N0} attempts, {counts.Redeliveries:N0} redeliveries, "
        + $"{counts.Replaced:N0} replaced; {counts.Bytes:N0} bytes in {seconds:N1} s.");
}));

var root = new RootCommand("Makes assessment events: the data set of this repository, or any number for load.") { dataSet, events };
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine(parsed.Errors[0].Message);
    return 2;
}

return parsed.Invoke();

static void MustBe<T>(Option<T> option, Func<T, bool> isRight, string what) where T : IParsable<T> => option.Validators.Add(result =>
{
    if (result.Tokens is [Token token] && !(T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && isRight(value)))
    {
        result.AddError($"{option.Name} must be {what}, not {token.Value}.");
    }
});

static int Run(string path, Func<Stream, string> write)
{
    try
    {
        using var output = path == "-" ? Console.OpenStandardOutput() : File.Create(path);
        using var buffered = new BufferedStream(output, 1 << 20);
        var closingLine = write(buffered);
        buffered.Flush();
        Console.Error.WriteLine(closingLine);
        return 0;
    }
    catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"{path} can't be written: {failed.Message}");
        return 1;
    }
}
