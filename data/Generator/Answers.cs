using System.Numerics;

namespace Data.Generator;

/// <summary>How a question was answered; the names are those of the event's user_result.</summary>
internal enum Outcome : byte { Correct, Incorrect, MissedSome, Unanswered }

/// <summary>One option as an attempt shows and leaves it.</summary>
internal struct AnsweredOption
{
    /// <summary>Its place in the catalogue's question.</summary>
    public byte Index;

    /// <summary>Whether it was chosen in the end.</summary>
    public bool Checked;

    /// <summary>Milliseconds from the attempt's start to the last touch; below zero if it was never touched.</summary>
    public int At;
}

/// <summary>The answers of one attempt, drawn from its exam, score and duration. Used again for one attempt after another.</summary>
internal sealed class Answers
{
    private const int MaxQuestions = 20;

    private readonly int[] _order = new int[MaxQuestions];
    private readonly Outcome[] _outcomes = new Outcome[MaxQuestions];
    private readonly AnsweredOption[] _options = new AnsweredOption[MaxQuestions * Catalogue.MaxOptions];
    private readonly int[] _clicks = new int[MaxQuestions * Catalogue.MaxOptions];
    private readonly double[] _times = new double[MaxQuestions * Catalogue.MaxOptions];
    private readonly int[] _counts = new int[4];
    private int _clickCount;

    /// <summary>The exam that is answered.</summary>
    public Exam Exam { get; private set; } = Catalogue.Courses[0][0];

    /// <summary>How many questions ended so.</summary>
    public int Count(Outcome outcome) => _counts[(int)outcome];

    /// <summary>The question that is shown at a place.</summary>
    public QuestionItem Question(int place) => Exam.Questions[_order[place]];

    /// <summary>How the question at a place was answered.</summary>
    public Outcome Outcome(int place) => _outcomes[place];

    /// <summary>The options of the question at a place, in the order in which they are shown.</summary>
    public Span<AnsweredOption> Options(int place) =>
        _options.AsSpan(place * Catalogue.MaxOptions, Question(place).Options.Length);

    /// <summary>Draws the answers of one attempt.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="exam">The exam.</param>
    /// <param name="score">How many questions are right.</param>
    /// <param name="duration">Milliseconds from the start to the last touch of an option.</param>
    public void Draw(ref Random64 random, Exam exam, int score, int duration)
    {
        Exam = exam;
        var questions = exam.Questions.Length;
        Array.Clear(_counts);
        _clickCount = 0;
        var order = _order.AsSpan(0, questions);
        for (var i = 0; i < questions; i++)
        {
            order[i] = i;
        }

        random.Shuffle(order);
        var correct = exam.DrawCorrect(ref random, score);
        var gaveUp = random.Chance(0.2);
        for (var place = 0; place < questions; place++)
        {
            // Nobody hands in nothing at all: the last question of an otherwise empty attempt gets a wrong answer.
            var isLastChance = place == questions - 1 && _clickCount == 0;
            var outcome = (correct >> order[place] & 1) != 0 ? Generator.Outcome.Correct
                : random.Chance(gaveUp ? 0.8 : 0.03) && !isLastChance ? Generator.Outcome.Unanswered
                : Question(place).Right > 1 && random.Chance(0.45) ? Generator.Outcome.MissedSome
                : Generator.Outcome.Incorrect;
            _outcomes[place] = outcome;
            _counts[(int)outcome]++;
            DrawOptions(ref random, place, outcome);
        }

        SpreadClicks(ref random, duration);
    }

    private void DrawOptions(ref Random64 random, int place, Outcome outcome)
    {
        var question = Question(place);
        var options = Options(place);
        for (var i = 0; i < options.Length; i++)
        {
            options[i] = new AnsweredOption { Index = (byte)i, At = -1 };
        }

        random.Shuffle(options);
        uint chosen = outcome switch
        {
            Generator.Outcome.Correct => (1u << question.Right) - 1,
            Generator.Outcome.Incorrect => DrawWrong(ref random, question),
            Generator.Outcome.MissedSome => DrawSome(ref random, question),
            _ => 0,
        };

        // Now and then an option is chosen and taken back: it has a time and is not checked.
        var touched = chosen;
        if (chosen != 0 && random.Chance(0.08))
        {
            touched |= 1u << random.Below(options.Length);
        }

        var first = _clickCount;
        for (var i = 0; i < options.Length; i++)
        {
            options[i].Checked = (chosen >> options[i].Index & 1) != 0;
            if ((touched >> options[i].Index & 1) != 0)
            {
                _clicks[_clickCount++] = place * Catalogue.MaxOptions + i;
            }
        }

        random.Shuffle(_clicks.AsSpan(first, _clickCount - first));
    }

    /// <summary>At least one wrong option, by its pull; with several right answers some of those too.</summary>
    private static uint DrawWrong(ref Random64 random, QuestionItem question)
    {
        double sum = 0;
        for (var i = question.Right; i < question.Options.Length; i++)
        {
            sum += question.Options[i].Pull;
        }

        var wrong = question.Right;
        for (var left = random.Unit() * sum - question.Options[wrong].Pull; left > 0 && wrong < question.Options.Length - 1;)
        {
            left -= question.Options[++wrong].Pull;
        }

        var chosen = 1u << wrong;
        if (question.Right > 1)
        {
            chosen |= (uint)random.Next() & ((1u << question.Right) - 1);
        }

        return chosen;
    }

    /// <summary>Some of the right options, but not all of them.</summary>
    private static uint DrawSome(ref Random64 random, QuestionItem question)
    {
        var all = (1u << question.Right) - 1;
        var chosen = (uint)random.Next() & all;
        return BitOperations.PopCount(chosen) is int count && count > 0 && count < question.Right ? chosen : all & ~(1u << random.Below(question.Right));
    }

    /// <summary>Spreads the touches over the duration, with time to read before the first one of a question; the last one is at its end.</summary>
    private void SpreadClicks(ref Random64 random, int duration)
    {
        double time = 0;
        for (var i = 0; i < _clickCount; i++)
        {
            var isNewQuestion = i == 0 || _clicks[i] / Catalogue.MaxOptions != _clicks[i - 1] / Catalogue.MaxOptions;
            time += isNewQuestion ? 1 + 3 * random.Exponential() : 0.2 + 0.5 * random.Exponential();
            _times[i] = time;
        }

        for (var i = 0; i < _clickCount; i++)
        {
            _options[_clicks[i]].At = (int)Math.Round(_times[i] / time * duration);
        }
    }
}
