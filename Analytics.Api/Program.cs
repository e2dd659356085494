using Analytics.Api;
using Analytics.Api.Access;
using Analytics.Api.Assistant;
using Analytics.Api.Attempts;
using Analytics.Api.Caching;
using Analytics.Api.Catalogue;
using Analytics.Api.Comparisons;
using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.DeadLetters;
using Analytics.Api.Events;
using Analytics.Api.Export;
using Analytics.Api.Http;
using Analytics.Api.Ingest;
using Analytics.Api.Live;
using Analytics.Api.Pages;
using Analytics.Api.Queries;
using Analytics.Api.Questions;
using Analytics.Api.Report;
using Analytics.Api.Scores;
using Analytics.Api.Shapes;
using Analytics.Api.Sql;
using Analytics.Api.Students;
using Analytics.Api.Summary;
using Analytics.Api.Workbench;
using Microsoft.AspNetCore.ResponseCompression;
using Publishing;
using Scalar.AspNetCore;

if (args is [KeysCommand.Verb, ..])
{
    return await KeysCommand.RunAsync(args);
}

if (args is [ExportCommand.Verb, ..])
{
    return await ExportCommand.RunAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddNpgsqlDataSource("activity", configureDataSourceBuilder: database =>
{
    database.ConnectionStringBuilder.ApplicationName ??= "analytics-api";
    database.ConnectionStringBuilder.NoResetOnClose = true; // Nothing here changes a session, and undoing nothing costs as much as a question.
    database.ConnectionStringBuilder.MaxAutoPrepare = 100;
    database.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
    database.ConnectionStringBuilder.CommandTimeout = 15;
    database.ConnectionStringBuilder.KeepAlive = 30; // Finds out that the line on which we listen is dead.
});
EventProducer.Add(builder, "kafka", patience: TimeSpan.FromSeconds(30));

builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = 1 << 20;
    kestrel.Limits.MaxRequestLineSize = OpenApiDocument.LongestAddress; // Names of courses have thousands of bytes, in addresses three times as many.
    kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
});
builder.Services.ConfigureHttpJsonOptions(json =>
{
    json.SerializerOptions.NumberHandling = AnalyticsJson.Readable.Options.NumberHandling;
    json.SerializerOptions.Encoder = AnalyticsJson.Readable.Options.Encoder;
    json.SerializerOptions.TypeInfoResolverChain.Insert(0, AnalyticsJson.Readable);
});
builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
builder.Services.AddSingleton<IProblemDetailsWriter, ProblemPage>(); // The first that can write does.
builder.Services.AddSingleton<IProblemDetailsWriter, ProblemJson>();
builder.Services.AddProblemDetails();
builder.Services.AddExceptionHandler<ErrorResponses>();
builder.Services.AddValidation();
builder.Services.AddResponseCompression(compression =>
{
    compression.EnableForHttps = true; // Answers hold no secrets to guess at.
    compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, .. Shape.All.Select(shape => shape.MediaType), "application/problem+json"];
});
builder.Services.AddOpenApi(OpenApiDocument.Describe);

builder.AddAccess();
TopicOptions.Add(builder.Services);
EventOptions.Add(builder.Services);
SqlOptions.Add(builder.Services);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<ActivityDatabase>();
AnswerCache.Add(builder.Services);
builder.Services.AddSingleton<CatalogueWriter>();
builder.Services.AddSingleton<Calibrations>();
builder.Services.AddSingleton<SqlReader>();
builder.Services.AddSingleton<StatementRunner>();
builder.Services.AddSingleton<StatementQueue>();
builder.Services.AddSingleton<AnalysisSessions>();
builder.Services.AddSingleton<StatementGate>();
builder.Services.AddAssistant();
builder.Services.AddSingleton<QueryFolder>();
builder.Services.AddSingleton<DeadLetterReplay>();
builder.Services.AddSingleton<TopicEnds>();
builder.Services.AddSingleton<IngestRates>();
builder.Services.AddHostedService(services => services.GetRequiredService<IngestRates>());
builder.Services.AddSingleton<LiveFeed>();
builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());
builder.Services.AddHealthChecks().AddCheck<SchemaHealth>("schema");

var app = builder.Build();
if (Configuration.Complaint(app.Services) is { } complaint)
{
    await Console.Error.WriteLineAsync(complaint);
    return 2;
}

app.UseKnownHosts();
app.KeepFromOtherSites();
app.UseHeadAsGet();
app.UseResponseCompression();
app.UseExceptionHandler();
app.UseStatusCodePages(ErrorResponses.DescribeStatusAsync);
app.UseRouting();
app.UseDecodedRouteValues();
app.UseAccess();
app.UseOutputCache();

app.MapDefaultEndpoints();
app.MapOpenApi().RequireScope(Scopes.Read);
app.MapScalarApiReference(scalar => scalar.WithTitle("Activity").DisableDefaultFonts().DisableAgent().DisableMcp().HideDeveloperTools())
    .RequireScope(Scopes.Read);
app.MapPageAssets();
app.MapReport();
app.MapAssistant();
app.MapWorkbench();

var api = app.MapGroup("/api")
    .RefuseUnknownParameters()
    .ProducesProblem(StatusCodes.Status400BadRequest)
    .ProducesProblem(StatusCodes.Status500InternalServerError)
    .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
api.MapDeadLetters();
api.MapCatalogue();
api.MapQueries();
api.MapGroup("").RequireScope(Scopes.Write).MapEvents();
api.MapGroup("").RequireScope(Scopes.Sql).MapSql();

var readings = api.MapGroup("").RequireScope(Scopes.Read);
readings.MapIngest();
readings.MapLive();
readings.MapReadyQueries();
readings.MapFunctions();
readings.MapExport();

var answers = readings.MapGroup("").AnswerUnchanged();
answers.MapSummary();
answers.MapSchema();
answers.MapCourses();
answers.MapComparison();
answers.MapQuestions();
answers.MapCalibrations();
answers.MapQuestionDetail();
answers.MapTopics();
answers.MapScores();
answers.MapStudents();
var attempts = answers.MapGroup("/attempts");
attempts.MapStarts();
attempts.MapDurations();
attempts.MapAttempts();

await app.RunAsync();
return Environment.ExitCode;
