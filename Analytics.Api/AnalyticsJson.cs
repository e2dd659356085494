using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Analytics.Api.Attempts;
using Analytics.Api.Catalogue;
using Analytics.Api.Comparisons;
using Analytics.Api.Courses;
using Analytics.Api.DeadLetters;
using Analytics.Api.Events;
using Analytics.Api.Ingest;
using Analytics.Api.Live;
using Analytics.Api.Queries;
using Analytics.Api.Questions;
using Analytics.Api.Scores;
using Analytics.Api.Sql;
using Analytics.Api.Students;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api;

/// <summary>How answers are written: camelCase, numbers as numbers, and a reason only where there is one.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
[JsonSerializable(typeof(Summary.Summary))]
[JsonSerializable(typeof(Course))]
[JsonSerializable(typeof(CourseList))]
[JsonSerializable(typeof(CourseDetail))]
[JsonSerializable(typeof(ExamList))]
[JsonSerializable(typeof(CourseComparison))]
[JsonSerializable(typeof(ScoreDistribution))]
[JsonSerializable(typeof(StartSeries))]
[JsonSerializable(typeof(CourseAnalysis))]
[JsonSerializable(typeof(CourseCalibration))]
[JsonSerializable(typeof(QuestionOptions))]
[JsonSerializable(typeof(QuestionMonths))]
[JsonSerializable(typeof(CourseTopics))]
[JsonSerializable(typeof(CatalogueContent))]
[JsonSerializable(typeof(CatalogueState))]
[JsonSerializable(typeof(Durations))]
[JsonSerializable(typeof(AttemptPage))]
[JsonSerializable(typeof(AttemptDetail))]
[JsonSerializable(typeof(StudentPage))]
[JsonSerializable(typeof(StudentsAtRisk))]
[JsonSerializable(typeof(StudentDetail))]
[JsonSerializable(typeof(GrowthSeries))]
[JsonSerializable(typeof(SqlAnswer))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(SqlQuestion))]
[JsonSerializable(typeof(SqlSchema))]
[JsonSerializable(typeof(ReadyQueryList))]
[JsonSerializable(typeof(SqlVocabulary))]
[JsonSerializable(typeof(SavedQueryList))]
[JsonSerializable(typeof(IngestProgress))]
[JsonSerializable(typeof(LiveUpdate))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(DeadLetterDetail))]
[JsonSerializable(typeof(DeadLetterGroup))]
[JsonSerializable(typeof(DeadLetterGroups))]
[JsonSerializable(typeof(GroupReplay))]
[JsonSerializable(typeof(Replay))]
internal sealed partial class AnalyticsJson : JsonSerializerContext
{
    /// <summary>The same, with quotes and letters of all scripts as they are: answers are JSON, never part of a page.</summary>
    public static AnalyticsJson Readable { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            NumberHandling = JsonNumberHandling.Strict,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
}
