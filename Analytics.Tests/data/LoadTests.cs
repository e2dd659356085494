using System.Diagnostics;
using System.Text;
using Assessments;
using Data.Generator;

namespace Analytics.Tests.Data;

public sealed class LoadTests
{
    private static readonly LoadOptions Options = new() { Attempts = 8_000, Redelivered = 0.02, Replaced = 0.03, Users = 50, Seed = 7 };

    [Fact]
    public void The_counts_are_those_of_the_events_written()
    {
        (var counts, var events) = Write(Options);

        Assert.Equal(events.Length, counts.Events);
        Assert.Equal(Options.Attempts, counts.Attempts);
        Assert.Equal(counts.Events, counts.Attempts + counts.Redeliveries + counts.Replaced);
        Assert.InRange(counts.Redeliveries, 110, 210);
        Assert.InRange(counts.Replaced, 180, 300);

        AttemptEvent[] read = [.. events.Select(bytes => AttemptEventReader.Read(bytes))];
        Assert.Equal(counts.Attempts, read.DistinctBy(attempt => attempt.UserExamId).Count());
        Assert.Equal(counts.Attempts + counts.Replaced, read.DistinctBy(attempt => attempt.KeenId).Count());
        Assert.InRange(read.DistinctBy(attempt => attempt.UserId).Count(), 40, 50);
    }

    [Fact]
    public void A_redelivery_is_the_same_bytes_soon_after()
    {
        (_, var events) = Write(Options);

        foreach (var event_ in events.Select((bytes, place) => (Bytes: bytes, Place: place)).GroupBy(pair => AttemptEventReader.Read(pair.Bytes).KeenId))
        {
            Assert.Single(event_.Select(pair => Encoding.UTF8.GetString(pair.Bytes)).Distinct());
            Assert.True(event_.Max(pair => pair.Place) - event_.Min(pair => pair.Place) <= 2 * LoadGenerator.Window);
        }
    }

    [Fact]
    public void A_replacing_event_is_newer_and_of_the_same_attempt()
    {
        (_, var events) = Write(Options);

        var replaced = 0;
        foreach (var attempt in events.Select(bytes => AttemptEventReader.Read(bytes)).GroupBy(read => read.UserExamId))
        {
            AttemptEvent[] versions = [.. attempt.DistinctBy(read => read.KeenId)];
            Assert.Single(versions.Select(version => (version.ExamName, version.StartedAt, version.UserId)).Distinct());
            if (versions is [var older, var newer])
            {
                replaced++;
                Assert.True(newer.KeenTimestamp > older.KeenTimestamp);
                Assert.True(newer.Counts is null || newer.Counts.Correct >= older.Counts!.Correct);
            }
        }

        Assert.InRange(replaced, 180, 300);
    }

    [Fact]
    public void The_same_seed_makes_the_same_load_and_another_one_other_attempts()
    {
        (_, var events) = Write(Options);
        (_, var again) = Write(Options);
        (_, var others) = Write(Options with { Seed = 8 });

        Assert.True(events.Zip(again).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)));
        Assert.Empty(events.Select(UserExamId).Intersect(others.Select(UserExamId)));
        Assert.Equal(
            events.Select(bytes => AttemptEventReader.Read(bytes).BaseExamId).Distinct().Order(),
            others.Select(bytes => AttemptEventReader.Read(bytes).BaseExamId).Distinct().Order());
    }

    [Fact]
    public void Without_redeliveries_and_replacements_there_are_only_attempts()
    {
        (var counts, var events) = Write(new LoadOptions { Attempts = 1000, Redelivered = 0, Replaced = 0 });

        Assert.Equal((1000L, 1000L, 0L, 0L), (counts.Events, counts.Attempts, counts.Redeliveries, counts.Replaced));
        Assert.All(events, bytes => Assert.Null(AttemptEventReader.Read(bytes).UserId));
    }

    [Theory]
    [InlineData("events --attempts -1", "--attempts must be 0 or more, not -1.")]
    [InlineData("events --attempts many", "--attempts must be 0 or more, not many.")]
    [InlineData("events --attempts 1 --redelivered 1.5", "--redelivered must be a share from 0 to 1, not 1.5.")]
    [InlineData("events --attempts 1 --replaced NaN", "--replaced must be a share from 0 to 1, not NaN.")]
    [InlineData("events --attempts 1 --users -2", "--users must be 0 or more, not -2.")]
    [InlineData("events --attempts 1 --seed x", "--seed must be 0 or more, not x.")]
    [InlineData("events", "Option '--attempts' is required.")]
    public async Task A_wrong_argument_is_one_sentence_and_exit_code_2(string arguments, string sentence)
    {
        (var exitCode, var output, var error) = await Run(arguments);

        Assert.Equal((2, sentence), (exitCode, error.Trim()));
        Assert.Empty(output);
    }

    [Fact]
    public async Task The_command_writes_events_to_standard_output_and_the_counts_to_standard_error()
    {
        (var exitCode, var output, var error) = await Run("events --attempts 1000 --seed 5");
        (var counts, var events) = Write(new LoadOptions { Attempts = 1000, Seed = 5 });

        Assert.Equal(0, exitCode);
        Assert.Equal(events.Sum(bytes => bytes.Length + 1), output.Length);
        Assert.StartsWith($"{counts.Events:N0} events written: 1,000 attempts, {counts.Redeliveries} redeliveries, {counts.Replaced} replaced;", error);
    }

    private static async Task<(int ExitCode, byte[] Output, string Error)> Run(string arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(LoadGenerator).Assembly.Location },
        };
        foreach (var argument in arguments.Split(' '))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = new MemoryStream();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.ToArray(), await error);
    }

    private static string UserExamId(byte[] bytes) => AttemptEventReader.Read(bytes).UserExamId;

    private static (LoadCounts Counts, byte[][] Events) Write(LoadOptions options)
    {
        var output = new MemoryStream();
        var counts = LoadGenerator.Write(output, options, TestContext.Current.CancellationToken);
        Assert.Equal(counts.Bytes, output.Length);
        return (counts, [.. EventFile.ReadAsync(new MemoryStream(output.ToArray())).ToBlockingEnumerable().Select(slice => slice.Bytes.ToArray())]);
    }
}
