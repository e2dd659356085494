using Assessments;
using Confluent.Kafka;
using Publishing;

namespace Ingest.Worker.Publish;

/// <summary>Puts files on the topic.</summary>
internal sealed class FilePublisher(EventProducer producer, string topic)
{
    /// <summary>The most that is kept of what is no event, in bytes.</summary>
    private const int KeptBytes = 512 * 1024;

    /// <summary>Publishes one file.</summary>
    /// <returns>How many of its slices are no events.</returns>
    /// <exception cref="KafkaException">A message could not be delivered.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="OtherFormatException">The file is of another format; nothing of it was published.</exception>
    public async Task<long> PublishAsync(SourceFile file, byte[]? digest, PublishedBefore before, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Activities.StartActivity($"publish {file.ShortName}");
        var progress = new Progress(file.Name, TimeProvider.System);
        long published = 0, faulty = 0, skipped = 0;
        using var publication = new Publication(producer, topic);
        await foreach (var (slice, key, reason) in EventCheck.ReadAsync(file.Stream, new EventFileOptions { KeptBytes = KeptBytes }, cancellationToken))
        {
            if (reason is not null)
            {
                faulty++;
                progress.Fault(slice.Line, slice.Offset, reason);
            }

            if (before.Contains(slice.Index))
            {
                skipped++;
                continue;
            }

            var headers = new Headers();
            headers.AddPlace(file.ShortName, slice.Line);
            if (digest is not null)
            {
                headers.AddSource(digest, slice.Index);
            }

            if (reason is not null)
            {
                headers.AddFault(reason, slice);
            }

            var value = slice.Bytes.Span[..Math.Min(slice.Bytes.Length, reason is null ? int.MaxValue : KeptBytes)].ToArray();
            await publication.SendAsync(key, value, headers, cancellationToken);
            ThrowIfFailed(publication);
            published += reason is null ? 1 : 0;
            progress.Report(published);
        }

        await publication.CompleteAsync(cancellationToken);
        ThrowIfFailed(publication);
        activity?.SetTag("messaging.batch.message_count", published + faulty);
        progress.Close(published, faulty, ReferenceEquals(before, PublishedBefore.Nothing) ? null : skipped);
        return faulty;
    }

    private static void ThrowIfFailed(Publication publication)
    {
        if (publication.Failure is { } failure)
        {
            throw new KafkaException(failure);
        }
    }
}
