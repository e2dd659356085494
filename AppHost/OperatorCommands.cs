using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Native.Hosting;

/// <summary>
/// What an operator does from the dashboard or with <c>aspire resource</c>: the worker's verbs, and stopping and starting the workers together.
/// </summary>
internal sealed partial class OperatorCommands(
    IResourceBuilder<ProjectResource> worker, IResourceBuilder<IResourceWithConnectionString> kafka, IResourceBuilder<IResourceWithConnectionString> activity)
{
    private const int Generated = 100_000;
    private static readonly string PublishGeneratedName = string.Create(CultureInfo.InvariantCulture, $"Publish {Generated:N0} generated attempts");
    private static readonly string Worker = ProgramOf<Projects.Ingest_Worker>();
    private static readonly string Generator = ProgramOf<Projects.Data_Generator>();

    /// <summary>Adds the commands to Kafka and to the worker.</summary>
    public void Add()
    {
        kafka
            .WithCommand("publish", "Publish a file…", PublishAsync, new CommandOptions
            {
                Description = "Puts the events of a file on the topic, as the verb publish does.",
                IconName = "DocumentArrowUp",
                Arguments =
                [
                    new InteractionInput
                    {
                        Name = "file", Label = "File", InputType = InputType.Text, Required = true, Placeholder = "/path/to/events.json.gz",
                        Description = "A JSON array or one event a line; plain, gzip or zstd.",
                    },
                ],
                ValidateArguments = FileMustExist,
            })
            .WithCommand("publish-generated", PublishGeneratedName, PublishGeneratedAsync, new CommandOptions
            {
                Description = "Puts made-up attempts on the topic, to see the system under load.",
                ConfirmationMessage = "The made-up attempts stay on the topic and in every figure. Publish them?",
                IconName = "BeakerSettings",
            });
        worker
            .WithCommand("pause-ingest", "Pause ingest", PauseAsync, new CommandOptions
            {
                Description = "Stops every worker; the topic keeps what comes.",
                IconName = "Pause",
                UpdateState = EnabledWhile(running: true),
            })
            .WithCommand("resume-ingest", "Resume ingest", ResumeAsync, new CommandOptions
            {
                Description = "Starts every worker again.",
                IconName = "Play",
                UpdateState = EnabledWhile(running: false),
            })
            .WithCommand("verify", "Verify", context => RunAsync(context, Worker, ["verify"]), new CommandOptions
            {
                Description = "Compares topic, tables and figures, and tells every difference.",
                IconName = "ClipboardTaskListLtr",
            })
            .WithCommand("rebuild-tables", "Rebuild tables", context => RunAsync(context, Worker, ["rebuild"]), new CommandOptions
            {
                Description = "Reads the topic from its beginning into fresh tables, which then take the place of those in use.",
                ConfirmationMessage = "The whole topic is read again; answers and ingest go on meanwhile. Rebuild?",
                IconName = "DatabaseArrowUp",
            })
            .WithCommand("erase-student", "Erase a student…", EraseAsync, new CommandOptions
            {
                Description = "Removes a student from the tables and from every figure; what comes of the student later is passed over.",
                ConfirmationMessage = "The student's events, attempts and answers are removed, and nothing brings them back. Erase?",
                IconName = "PersonDelete",
                Arguments =
                [
                    new InteractionInput
                    {
                        Name = "student", Label = "Student", InputType = InputType.Text, Required = true,
                        Description = "The user_id; of attempts without one the user_exam_id.",
                    },
                ],
            });
    }

    private static Task FileMustExist(InputsDialogValidationContext context)
    {
        var file = context.Inputs["file"];
        if (!File.Exists(file.Value))
        {
            context.AddValidationError(file, $"There is no file {file.Value}.");
        }

        return Task.CompletedTask;
    }

    private static Func<UpdateCommandStateContext, ResourceCommandState> EnabledWhile(bool running) => context =>
        KnownResourceStates.TerminalStates.Contains(context.ResourceSnapshot.State?.Text) == running
            ? ResourceCommandState.Hidden
            : ResourceCommandState.Enabled;

    private Task<ExecuteCommandResult> PublishAsync(ExecuteCommandContext context) =>
        RunAsync(context, Worker, ["publish", Path.GetFullPath(context.Arguments.GetString("file") ?? "")]);

    private async Task<ExecuteCommandResult> PublishGeneratedAsync(ExecuteCommandContext context)
    {
        var file = Path.Combine(Path.GetTempPath(), $"activity-{Guid.NewGuid():N}.ndjson");
        try
        {
            // Another seed each time: the same attempts again would be redeliveries.
            var seed = Random.Shared.Next().ToString(CultureInfo.InvariantCulture);
            var attempts = Generated.ToString(CultureInfo.InvariantCulture);
            var made = await RunAsync(context, Generator, ["events", "--attempts", attempts, "--seed", seed, "--out", file]);
            return made.Success ? await RunAsync(context, Worker, ["publish", file]) : made;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private Task<ExecuteCommandResult> PauseAsync(ExecuteCommandContext context) =>
        Commands(context).ExecuteCommandAsync(worker.Resource, KnownResourceCommands.StopCommand, context.CancellationToken);

    private Task<ExecuteCommandResult> ResumeAsync(ExecuteCommandContext context) =>
        Commands(context).ExecuteCommandAsync(worker.Resource, KnownResourceCommands.StartCommand, context.CancellationToken);

    private Task<ExecuteCommandResult> EraseAsync(ExecuteCommandContext context) =>
        RunAsync(context, Worker, ["erase", "--", context.Arguments.GetString("student") ?? ""]);

    private static ResourceCommandService Commands(ExecuteCommandContext context) => context.Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Runs a program with the connection strings of the application; what it prints is in the resource's log, its last line in the result.</summary>
    private async Task<ExecuteCommandResult> RunAsync(ExecuteCommandContext context, string program, string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.StartInfo.Environment["ConnectionStrings__kafka"] = await kafka.Resource.GetConnectionStringAsync(context.CancellationToken);
        process.StartInfo.Environment["ConnectionStrings__activity"] = await activity.Resource.GetConnectionStringAsync(context.CancellationToken);
        var last = "";
        void Hear(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                last = line;
                Says(context.Logger, line);
            }
        }

        process.OutputDataReceived += (_, heard) => Hear(heard.Data);
        process.ErrorDataReceived += (_, heard) => Hear(heard.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return CommandResults.Canceled();
        }

        return process.ExitCode == 0 ? CommandResults.Success(last) : CommandResults.Failure(last);
    }

    private static string ProgramOf<TProject>()
        where TProject : IProjectMetadata, new() =>
        BuiltProgramExtensions.ProgramOf(new TProject().ProjectPath, typeof(OperatorCommands).Assembly);

    [LoggerMessage(1, LogLevel.Information, "{Line}")]
    private static partial void Says(ILogger logger, string line);
}
