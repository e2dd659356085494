namespace Data.Generator;

/// <summary>One attempt of the data set before it has answers and times.</summary>
/// <param name="Exam">The exam taken.</param>
/// <param name="Score">Questions answered correctly.</param>
/// <param name="Deliveries">How often its event comes.</param>
internal readonly record struct PlannedAttempt(Exam Exam, int Score, int Deliveries);

/// <summary>
/// Which exams were taken with which scores, so that every course has its published sum of correct answers, and all of them together the
/// published standard deviation and number of attempts over 70 %. Starts from scores drawn around each course's mean and changes two of
/// a course at a time, one up and one down, as long as that comes closer.
/// </summary>
internal static class AttemptPlan
{
    private const int Seed = 20171121;

    /// <summary>How far the sum of squared scores may be off (in %²): well within what changes the standard deviation's fourth decimal.</summary>
    private const double Tolerance = 5;

    /// <summary>What one attempt too many or too few over 70 % weighs against the sum of squared scores.</summary>
    private const double AttemptWeight = 3000;

    /// <summary>All attempts, course by course as in <see cref="Facts.Courses"/>; of each course the redelivered ones first.</summary>
    public static IReadOnlyList<PlannedAttempt> Attempts { get; } = Make();

    private static PlannedAttempt[] Make()
    {
        var random = new Random64(Seed);
        var courses = new List<CourseScores>();
        foreach (var facts in Facts.Courses)
        {
            courses.Add(new CourseScores(facts, ref random));
        }

        Fit(courses, ref random);
        return [.. courses.SelectMany((course, i) => course.Scores.Select((score, j) =>
            new PlannedAttempt(ExamOf(Catalogue.Courses[i], j, course.Scores.Length), score, course.Weight(j))))];
    }

    /// <summary>Of a course with two exam ids one has about two thirds of the attempts, as it was published of Introduction to Python.</summary>
    private static Exam ExamOf(Exam[] exams, int attempt, int attempts)
    {
        var name = System.Text.Encoding.UTF8.GetString(exams[0].Name);
        var first = name == "Introduction to Python" ? Facts.Whole("attempts_of_introduction_to_python_under_one_id") : attempts * 2 / 3;
        return exams.Length == 1 || attempt < first ? exams[0] : exams[1];
    }

    private static void Fit(List<CourseScores> courses, ref Random64 random)
    {
        double messages = Facts.Whole("messages_with_counts");
        var mean = courses.Sum(course => course.PercentSum) / messages;
        var deviation = Facts.Number("standard_deviation_of_score_percent");
        var squares = deviation * deviation * (messages - 1) + mean * mean * messages - courses.Sum(course => course.PercentSquareSum);
        double over70 = Facts.Whole("attempts_over_70_percent") - courses.Sum(course => course.Over70);

        // A move that fits is a chance among some thousand; small steps need several moves at once.
        CourseScores[] fittable = [.. courses.Where(course => course.Scores.Length - course.Facts.Redelivered >= 2 && course.Facts.Questions > 1)];
        Span<(CourseScores Course, int Up, int Down)> moves = new (CourseScores, int, int)[3];
        while (Math.Abs(squares) > Tolerance || over70 != 0)
        {
            var made = 0;
            double newSquares = squares, newOver70 = over70;
            for (var count = 1 + random.Below(moves.Length); made < count; made++)
            {
                var course = fittable[random.Below(fittable.Length)];
                (var up, var down) = course.DrawPair(ref random);
                newSquares += course.PercentSquareSum;
                newOver70 += course.Over70;
                course.Move(up, down);
                newSquares -= course.PercentSquareSum;
                newOver70 -= course.Over70;
                moves[made] = (course, up, down);
            }

            if (Distance(newSquares, newOver70) <= Distance(squares, over70))
            {
                (squares, over70) = (newSquares, newOver70);
                continue;
            }

            while (made-- > 0)
            {
                moves[made].Course.Move(moves[made].Down, moves[made].Up);
            }
        }
    }

    private static double Distance(double squares, double over70) => Math.Abs(squares) + AttemptWeight * Math.Abs(over70);

    /// <summary>The scores of one course's attempts, with their sums over messages and attempts kept up to date.</summary>
    private sealed class CourseScores
    {
        private readonly double _percent;

        public CourseScores(CourseFacts facts, ref Random64 random)
        {
            Facts = facts;
            Scores = new int[facts.Attempts];
            if (facts.Questions == 0)
            {
                return;
            }

            _percent = 100.0 / facts.Questions;
            var mean = (double)facts.Correct / facts.Messages;
            for (var i = 0; i < Scores.Length; i++)
            {
                Scores[i] = Math.Clamp((int)Math.Round(mean + 0.31 * facts.Questions * random.Normal()), 0, facts.Questions);
            }

            // The attempts that came once bring the sum to where it belongs.
            var missing = facts.Correct - Scores.Select((score, i) => score * Weight(i)).Sum();
            while (missing != 0)
            {
                var step = Math.Sign(missing);
                var i = facts.Redelivered + random.Below(Scores.Length - facts.Redelivered);
                if (Scores[i] + step >= 0 && Scores[i] + step <= facts.Questions)
                {
                    Scores[i] += step;
                    missing -= step;
                }
            }

            for (var i = 0; i < Scores.Length; i++)
            {
                Count(i, 1);
            }
        }

        public CourseFacts Facts { get; }

        public int[] Scores { get; }

        public double PercentSum { get; private set; }

        public double PercentSquareSum { get; private set; }

        public int Over70 { get; private set; }

        /// <summary>How many messages an attempt has.</summary>
        public int Weight(int attempt) => attempt < Facts.Redelivered ? Facts.Deliveries : 1;

        /// <summary>Two different attempts that came once, one with a score to raise and one to lower.</summary>
        public (int Up, int Down) DrawPair(ref Random64 random)
        {
            var once = Scores.Length - Facts.Redelivered;
            for (var tries = 0; tries < 20; tries++)
            {
                int up = Facts.Redelivered + random.Below(once), down = Facts.Redelivered + random.Below(once);
                if (up != down && Scores[up] < Facts.Questions && Scores[down] > 0)
                {
                    return (up, down);
                }
            }

            return (Facts.Redelivered, Facts.Redelivered);
        }

        /// <summary>Raises one score and lowers another by one.</summary>
        public void Move(int up, int down)
        {
            Count(up, -1);
            Scores[up]++;
            Count(up, 1);
            Count(down, -1);
            Scores[down]--;
            Count(down, 1);
        }

        private void Count(int attempt, int sign)
        {
            var percent = Scores[attempt] * _percent;
            PercentSum += sign * Weight(attempt) * percent;
            PercentSquareSum += sign * Weight(attempt) * percent * percent;
            Over70 += Scores[attempt] * 10 > Facts.Questions * 7 ? sign : 0;
        }
    }
}
