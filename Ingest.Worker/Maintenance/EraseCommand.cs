using System.CommandLine;
using System.Globalization;
using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Merge;
using Microsoft.Extensions.Logging.Abstractions;
using Publishing;

namespace Ingest.Worker.Maintenance;

/// <summary>The verb <c>erase</c>: removes a student from rows and figures, and leaves a mark that later reads of the topic respect.</summary>
internal static class EraseCommand
{
    public static Command Create()
    {
        var student = new Argument<string>("STUDENT") { Description = "The user_id; of attempts without one the user_exam_id." };
        student.Validators.Add(result =>
        {
            if (result.GetValue(student) is not { Length: > 0 and <= EventLimits.TextLength })
            {
                result.AddError($"STUDENT must be an id of 1 to {EventLimits.TextLength} characters.");
            }
        });
        return MaintenanceVerb.Create(
            "erase",
            "Removes a student from the tables and from every figure, while workers go on; what comes of the student later is passed over.",
            student,
            RunAsync);
    }

    private static async Task<int> RunAsync(Servers servers, string student, CancellationToken cancellationToken)
    {
        await DatabaseSchema.MigrateAsync(servers.Database, cancellationToken);
        await using var database = servers.OpenDatabase();
        using var records = new LazyRecords(servers);
        var merge = new BatchMerge(database, new Dimensions(), records.Records, new ErasureMarks());
        var frozen = new FrozenPeers(database, TimeProvider.System, NullLogger<FrozenPeers>.Instance);
        var erased = await frozen.EndWhileAsync(() => merge.EraseAsync([new Erasure(ErasureKind.Student, student)], cancellationToken), cancellationToken);
        var what = erased is { Attempts: 0, DeadLetters: 0 }
            ? "Nothing of this student is in the tables"
            : $"Erased {Count(erased.Attempts, "attempt")} with {Count(erased.Messages, "message")} and {Count(erased.DeadLetters, "dead letter")}";
        await Console.Out.WriteLineAsync($"{what}; a mark keeps out what may still come.");
        return MaintenanceVerb.Done;
    }

    private static string Count(int count, string of) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {of}{(count == 1 ? "" : "s")}");

    /// <summary>Reads earlier records, and connects to Kafka only when the first is asked for.</summary>
    private sealed class LazyRecords : IDisposable
    {
        private IConsumer<byte[]?, byte[]?>? _consumer;

        public LazyRecords(Servers servers) => Records = new EarlierRecords(() => _consumer = servers.OpenTopic());

        public EarlierRecords Records { get; }

        public void Dispose() => _consumer?.Dispose();
    }
}
