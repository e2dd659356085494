using System.ComponentModel;

namespace Analytics.Api.Catalogue;

/// <summary>A row of the catalogue: without an option id it names the question, with one that option of it.</summary>
internal sealed record CatalogueRow(
    [property: Description("The question's id in its exam, as the events have it.")] string QuestionId,
    [property: Description("The option's id in its question; null on a question's row.")] string? OptionId,
    [property: Description("What it asks or says.")] string? Text,
    [property: Description("What the question is about; null on an option's row.")] string? Topic,
    [property: Description("Whether the option is right; null where nothing is said, and on a question's row.")] bool? Key,
    [property: Description("The base_exam_id of the only exam that it is about; null for every exam that has the ids.")] string? Exam);

/// <summary>The catalogue, whole.</summary>
internal sealed record CatalogueContent(
    [property: Description("How it fits to what events have shown.")] CatalogueState State,
    [property: Description("Its rows, by question, exam and option.")] IReadOnlyList<CatalogueRow> Rows);

/// <summary>How the catalogue fits to what events have shown. Lists have twenty entries at most; the counts beside them are of all.</summary>
internal sealed record CatalogueState(
    [property: Description("Rows that name a question.")] long Questions,
    [property: Description("Rows that name an option.")] long Options,
    [property: Description("Distinct topics.")] long Topics,
    [property: Description("Questions that events have shown: those of two exams are two, whatever their ids.")] long ShownQuestions,
    [property: Description("How many of these have a row.")] long NamedQuestions,
    [property: Description("Rows whose ids are in no exam that events have shown.")] long UnknownCount,
    [property: Description("These rows' ids.")] IReadOnlyList<CatalogueIds> Unknown,
    [property: Description("Questions' rows without an exam whose id is in several exams: where they mean different questions, give each row its exam.")]
    long SharedCount,
    [property: Description("Their ids.")] IReadOnlyList<CatalogueIds> Shared,
    [property: Description("Options that are right by the catalogue and wrong by the events, or the other way round. Figures go by the events.")]
    long ContradictionCount,
    [property: Description("These options.")] IReadOnlyList<CatalogueIds> Contradictions);

/// <summary>What an entry is about.</summary>
internal sealed record CatalogueIds(
    [property: Description("The question's id.")] string QuestionId,
    [property: Description("The option's id; null where it is about the question.")] string? OptionId,
    [property: Description("The exam's base_exam_id; null where it is about no exam in particular.")] string? Exam);
