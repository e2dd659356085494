using Analytics.Api.Caching;
using Analytics.Api.Http;
using Analytics.Api.Pages;

namespace Analytics.Api.Workbench;

/// <summary>The pages beside the report. What they show is what the addresses below /api answer, by the same queries.</summary>
internal static class WorkbenchEndpoints
{
    public static void MapWorkbench(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").WithMetadata(new AnswersPages()).LeaveOutEmptyParameters().RefuseUnknownParameters().ExcludeFromDescription();
        pages.MapAsk();
        pages.MapEventPages();
        var answers = pages.MapGroup("").AnswerUnchanged();
        answers.MapCoursePages();
        answers.MapQuestionPages();
        answers.MapStudentPages();
        pages.MapCataloguePage(answers);
    }
}
