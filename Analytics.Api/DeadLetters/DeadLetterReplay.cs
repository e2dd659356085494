using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Npgsql;
using Publishing;

namespace Analytics.Api.DeadLetters;

/// <summary>Sends dead letters again. Ingest marks them, in the transaction that writes what they were repaired to.</summary>
internal sealed class DeadLetterReplay(EventProducer producer, IOptions<TopicOptions> topic, NpgsqlDataSource database)
{
    private const int ReadAtOnce = 200;

    public string Topic => topic.Value.Topic;

    /// <summary>Sends one event in the place of a dead letter.</summary>
    /// <returns>Why Kafka did not take it; null if it did.</returns>
    public async Task<Error?> SendAsync(long id, byte[] key, byte[] value, CancellationToken cancellationToken)
    {
        using var publication = new Publication(producer, Topic);
        await SendAsync(publication, id, key, value, cancellationToken);
        await publication.CompleteAsync(cancellationToken);
        return publication.Failure;
    }

    /// <summary>Sends those of a group that are events by now, as the reader has learnt to read them, or was wrong before.</summary>
    /// <param name="reason">The group.</param>
    /// <param name="cancellationToken">Ends it; what was sent stays sent.</param>
    /// <returns>What became of them, and why Kafka failed if it did.</returns>
    public async Task<(GroupReplay Replay, Error? Failure)> SendGroupAsync(string reason, CancellationToken cancellationToken)
    {
        using var publication = new Publication(producer, Topic);
        var refused = 0L;
        string? firstReason = null;
        var last = 0L;
        var until = await database.ReadNewestAsync(cancellationToken); // What comes back as a dead letter is not sent a second time.
        while (publication.Failure is null && await database.ReadOpenAsync(reason, last, until, ReadAtOnce, cancellationToken) is { Count: > 0 } letters)
        {
            foreach (var (id, value) in letters)
            {
                last = id;
                if (EventCheck.TryReadKey(value, out var key, out var still))
                {
                    await SendAsync(publication, id, key, value, cancellationToken);
                }
                else
                {
                    refused++;
                    firstReason ??= $"Dead letter {id}: {still}";
                }
            }
        }

        await publication.CompleteAsync(cancellationToken);
        return (new GroupReplay(publication.Acknowledged, refused, firstReason, last == 0 ? null : last), publication.Failure);
    }

    private static ValueTask SendAsync(Publication publication, long id, byte[] key, byte[] value, CancellationToken cancellationToken)
    {
        var headers = new Headers();
        headers.AddReplayOf(id);
        return publication.SendAsync(key, value, headers, cancellationToken);
    }
}
