using System.CommandLine;
using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Consume;
using Publishing;

namespace Ingest.Worker.Publish;

/// <summary>The verb <c>publish</c>: puts files of events on the topic.</summary>
internal static class PublishCommand
{
    private const int Published = 0;
    private const int SomeAreFaulty = 1;
    private const int WrongCall = 2;
    private const int KafkaFailed = 3;
    private const string ReadOnce = "whose events can't be told from those of an earlier run.";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // Long enough for a broker to come back.

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "A JSON array, one event a line, events one after another, or one event; plain, gzip or zstd; - for standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var topic = new Option<string?>("--topic") { Description = "The topic; else the setting Ingest:Topic." };
        var bootstrapServers = new Option<string?>("--bootstrap-servers")
        {
            Description = "Kafka's address, HOST:PORT; else the setting ConnectionStrings:kafka, else localhost:9092.",
        };
        var once = new Option<bool>("--once")
        {
            Description = "Publish only what these files have not yet put on the topic, even if an earlier run was killed.",
        };
        topic.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TopicOptions.IsName(token.Value))
            {
                result.AddError($"--topic must be {TopicOptions.NameRule}; it is {token.Value}.");
            }
        });
        var command = new Command("publish", "Puts each event of the files on the topic unchanged, under its user_exam_id as key.")
        {
            files, topic, bootstrapServers, once,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(once) && result.GetValue(files) is { } names && names.Contains("-"))
            {
                result.AddError($"--once can't be used with standard input, {ReadOnce}");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(files), parsed.GetValue(topic), parsed.GetValue(bootstrapServers), parsed.GetValue(once), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, string? topic, string? bootstrapServers, bool once, CancellationToken cancellationToken)
    {
        if (files.Select(SourceFile.Complaint).FirstOrDefault(complaint => complaint is not null) is { } wrong)
        {
            return await FailAsync(WrongCall, wrong);
        }

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders(); // A person reads what this verb prints itself.
        builder.AddServiceDefaults();
        var servers = bootstrapServers ?? builder.Configuration.GetConnectionString(IngestHost.KafkaName) ?? "localhost:9092";
        topic ??= builder.Configuration[$"{TopicOptions.Section}:{nameof(TopicOptions.Topic)}"] ?? TopicOptions.DefaultTopic;
        EventProducer.Add(builder, IngestHost.KafkaName, Patience, servers);

        // Disposing the host sends the last spans.
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            return await PublishAsync(host.Services.GetRequiredService<EventProducer>(), servers, topic, files, once, cancellationToken);
        }
        catch (KafkaException exception)
        {
            return await FailAsync(KafkaFailed, $"Kafka at {servers} did not take the events: {exception.Error.Reason}.");
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> PublishAsync(
        EventProducer producer, string servers, string topic, string[] files, bool once, CancellationToken cancellationToken)
    {
        using var topics = new TopicAdmin(producer.Handle);
        var partitions = await topics.EnsurePartitionsAsync(topic, TimeSpan.FromSeconds(30), cancellationToken);
        var publisher = new FilePublisher(producer, topic);
        var faulty = 0L;
        foreach (var file in files)
        {
            try
            {
                await using var source = SourceFile.Open(file);
                var digest = await source.DigestAsync(cancellationToken);
                if (once && digest is null)
                {
                    return await FailAsync(WrongCall, $"--once can't be used with the pipe {file}, {ReadOnce}");
                }

                var before = once ? await PublishedBefore.FindAsync(servers, topic, partitions, digest!, cancellationToken) : PublishedBefore.Nothing;
                faulty += await publisher.PublishAsync(source, digest, before, cancellationToken);
            }
            catch (OtherFormatException other)
            {
                return await FailAsync(WrongCall, $"{file}: {other.Message}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return await FailAsync(WrongCall, $"{file} can't be read: {exception.Message}");
            }
        }

        return faulty == 0 ? Published : SomeAreFaulty;
    }

    private static async Task<int> FailAsync(int exitCode, string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return exitCode;
    }
}
