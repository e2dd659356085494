using Assessments;

namespace Ingest.Worker.Merge;

/// <summary>How answers are packed into the arrays of the table events; the view answers in <c>0019_erasures.sql</c> unpacks them.</summary>
internal static class AnswerCode
{
    private const int ResultBits = 7;
    private const int Other = 5;

    /// <summary>From the lowest bit: user_result in three bits, then user_correct, user_incomplete and user_submitted in two each.</summary>
    public static short Of(Question question) => (short)(
        CodeOf(question.UserResult) | (CodeOf(question.UserCorrect) << 3) | (CodeOf(question.UserIncomplete) << 5) | (CodeOf(question.UserSubmitted) << 7));

    /// <summary>checked, three times submitted, and nine times whether the event names the option as right: false where it says nothing.</summary>
    public static byte Of(Option option) => (byte)(CodeOf(option.Checked) + (3 * CodeOf(option.Submitted)) + (9 * CodeOf(option.Correct is true)));

    /// <summary>Whether the user_result is none of the words that have a code.</summary>
    public static bool IsOther(short question) => (question & ResultBits) == Other;

    private static int CodeOf(string? result) => result switch
    {
        null => 0,
        "correct" => 1,
        "incorrect" => 2,
        "missed_some" => 3,
        "unanswered" => 4,
        _ => Other,
    };

    private static int CodeOf(bool? value) => value switch { null => 0, false => 1, true => 2 };
}
