using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Data.Generator;

/// <summary>The exams with their questions and options. Data set and load have the same ones.</summary>
internal static class Catalogue
{
    /// <summary>The most options that a question has.</summary>
    public const int MaxOptions = 6;

    private const ulong Seed = 20180128;

    /// <summary>The exams of each course, in the order of <see cref="Facts.Courses"/>.</summary>
    public static IReadOnlyList<Exam[]> Courses { get; } = Build();

    private static Exam[][] Build()
    {
        var random = new Random64(Seed);
        return [.. Facts.Courses.Select(course => BuildCourse(course, ref random))];
    }

    private static Exam[] BuildCourse(CourseFacts course, ref Random64 random)
    {
        var name = Encoding.UTF8.GetBytes(JsonEncodedText.Encode(course.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value);
        var exams = new Exam[course.ExamIds];
        for (var i = 0; i < exams.Length; i++)
        {
            // A third of the exams are older: their ids are UUIDs of version 1, those of their questions as well in every second of them.
            var isOld = random.Chance(1 / 3.0);
            var oldItems = isOld && random.Chance(0.5) ? 0.9 : 0;
            var id = course.Questions == 0 ? "example-id"u8.ToArray() : ItemId(ref random, isOld ? 1 : 0);
            var questions = new QuestionItem[course.Questions];
            for (var q = 0; q < questions.Length; q++)
            {
                questions[q] = BuildQuestion(ref random, oldItems);
            }

            exams[i] = new Exam(name, id, Ids.RandomUuid(ref random), questions);
        }

        return exams;
    }

    private static byte[] ItemId(ref Random64 random, double shareOfOld) =>
        random.Chance(shareOfOld) ? Ids.RandomOldUuid(ref random) : Ids.RandomUuid(ref random);

    private static QuestionItem BuildQuestion(ref Random64 random, double shareOfOld)
    {
        // Mostly four options and one right answer; a few true-or-false questions, a third with several right answers.
        var count = random.Below(10) switch { 0 => 2, 1 or 2 => 3, < 8 => 4, 8 => 5, _ => MaxOptions };
        var right = count > 2 && random.Chance(0.35) ? 2 + random.Below(count - 2) : 1;
        var options = new OptionItem[count];
        for (var i = 0; i < count; i++)
        {
            // Squared, so that one wrong option draws many and another hardly anyone.
            var pull = 0.03 + random.Unit() * random.Unit();
            options[i] = new OptionItem(ItemId(ref random, shareOfOld), i < right, pull);
        }

        return new QuestionItem(ItemId(ref random, shareOfOld), Math.Exp(-0.9 * random.Normal()), options, right);
    }
}

/// <summary>One exam; its texts are the bytes that JSON has between the quotes.</summary>
internal sealed class Exam
{
    private readonly double[,] _sums;

    public Exam(byte[] name, byte[] id, byte[] sequenceId, QuestionItem[] questions)
    {
        (Name, Id, SequenceId, Questions) = (name, id, sequenceId, questions);

        // _sums[i, r]: the elementary symmetric function of order r of the easinesses from question i on.
        _sums = new double[questions.Length + 1, questions.Length + 1];
        _sums[questions.Length, 0] = 1;
        for (var i = questions.Length - 1; i >= 0; i--)
        {
            for (var r = 0; r <= questions.Length - i; r++)
            {
                _sums[i, r] = _sums[i + 1, r] + (r > 0 ? questions[i].Easiness * _sums[i + 1, r - 1] : 0);
            }
        }
    }

    public byte[] Name { get; }

    public byte[] Id { get; }

    public byte[] SequenceId { get; }

    public QuestionItem[] Questions { get; }

    /// <summary>Draws which questions an attempt with a given score has right, as Rasch's model has it given the score: bit i for question i.</summary>
    public uint DrawCorrect(ref Random64 random, int score)
    {
        uint correct = 0;
        for (int i = 0, left = score; left > 0; i++)
        {
            if (random.Unit() * _sums[i, left] < Questions[i].Easiness * _sums[i + 1, left - 1])
            {
                correct |= 1u << i;
                left--;
            }
        }

        return correct;
    }
}

/// <summary>One question.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Easiness">The exponential of Rasch's easiness; 1 is average.</param>
/// <param name="Options">Its options, the right ones first.</param>
/// <param name="Right">How many are right.</param>
internal sealed record QuestionItem(byte[] Id, double Easiness, OptionItem[] Options, int Right);

/// <summary>One option.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="IsRight">Whether it belongs to the right answer.</param>
/// <param name="Pull">How much it draws those who answer wrongly, in proportion to the question's other options.</param>
internal sealed record OptionItem(byte[] Id, bool IsRight, double Pull);
