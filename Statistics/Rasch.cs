namespace Statistics;

/// <summary>
/// Calibration by the Rasch model, P(correct) = 1 / (1 + exp(difficulty − ability)), by conditional maximum likelihood: difficulties are
/// estimated without any assumption on who took the exam (Andersen 1972; Fischer &amp; Molenaar 1995). As R's eRm gives it: RM with sum0, person.parameter,
/// itemfit, SepRel.
/// </summary>
public static class Rasch
{
    private const int MostSteps = 1000;
    private const double Tolerance = 1e-9; // logits
    private const double RoundingDecrement = 1e-10; // The square of 1e-5 standard errors.

    /// <exception cref="OperationCanceledException">The calibration is no longer wanted.</exception>
    public static RaschCalibration Calibrate(ScoreTable table, CancellationToken cancellationToken)
    {
        var sample = table.IsOneForm && table.Length <= ElementarySymmetric.MostItems ? RaschSample.Of(table) : null;
        var reason = sample switch
        {
            null when table.Length > ElementarySymmetric.MostItems => $"There are more than {ElementarySymmetric.MostItems} questions.",
            null => "Takers were shown different questions, so their totals can't be compared.",
            { Count: 0 } => "No taker has some questions right and some wrong.",
            { Items.Length: < 2 } => "Fewer than two questions are answered rightly by some and wrongly by others.",
            _ when !sample.HasFiniteMaximum() =>
                "The questions fall into an easier and a harder part such that whoever has any of the harder right has all of the easier right: how far "
                    + "they lie apart can't be told.",
            _ => null,
        };
        if (reason is null && Maximize(sample!, cancellationToken) is var (easiness, variances, logLikelihood))
        {
            return Describe(table, sample!, [.. easiness.Select(beta => -beta)], variances, logLikelihood);
        }

        reason ??= "The questions lie so far apart that the estimates can't be computed.";
        return new RaschCalibration(
            sample?.Count ?? 0, [.. table.Items.Select(_ => new RaschItem(null, null, null, reason))], [], null, null, reason);
    }

    // Newton–Raphson from the log odds. The likelihood is concave, so halving a step that would lower it leads to its one maximum.
    private static (double[] Easiness, double[] Variances, double LogLikelihood)? Maximize(RaschSample sample, CancellationToken cancellationToken)
    {
        var likelihood = new ConditionalLikelihood(sample.ItemScores, [0, .. sample.Takers.Skip(1).SkipLast(1), 0]);
        double[] easiness = [.. sample.ItemScores.Select(score => Math.Log((double)score / (sample.Count - score)))];
        var mean = easiness.Average();
        easiness = [.. easiness.Select(beta => beta - mean)];
        var value = likelihood.Log(easiness);
        var lastChange = double.PositiveInfinity;
        for (var steps = 0; steps < MostSteps; steps++)
        {
            var (gradient, information) = likelihood.Derivatives(easiness, cancellationToken);

            // Only differences between items are told, so the information is singular along (1, …, 1). With c added to every
            // element it is not, and its inverse is the generalized one, of the sum zero, with 1/(ck²) added.
            var shift = Enumerable.Range(0, easiness.Length).Average(item => information[item, item]);
            information.Add(shift);
            if (!information.Factor())
            {
                return null;
            }

            var direction = information.Solve(gradient);
            var change = direction.Max(Math.Abs);
            var decrement = direction.Zip(gradient, (step, slope) => step * slope).Sum();

            // Where nearly all takers agree, rounding keeps the last steps from getting smaller.
            if (change < Tolerance || (decrement < RoundingDecrement && change > lastChange / 2))
            {
                var surplus = 1 / (shift * easiness.Length * easiness.Length);
                return ([.. easiness.Zip(direction, (beta, step) => beta + step)], [.. information.InverseDiagonal().Select(variance => variance - surplus)],
                    value);
            }

            var rounding = 1e-13 * sample.Count * (10 + easiness.Length); // of ln L
            if (Climb(likelihood, easiness, direction, value - rounding) is not var (next, nextValue))
            {
                return null;
            }

            (easiness, value, lastChange) = (next, nextValue, change);
        }

        return null;
    }

    private static (double[] Easiness, double Value)? Climb(ConditionalLikelihood likelihood, double[] from, double[] direction, double least)
    {
        for (var length = 1.0; length > 1e-12; length /= 2)
        {
            double[] next = [.. from.Select((beta, item) => beta + length * direction[item])];
            var nextValue = likelihood.Log(next);
            if (nextValue >= least)
            {
                return (next, nextValue);
            }
        }

        return null;
    }

    private static RaschCalibration Describe(ScoreTable table, RaschSample sample, double[] difficulties, double[] variances, double logLikelihood)
    {
        var length = difficulties.Length;
        var estimates = Enumerable.Range(1, length - 1).Select(total => Abilities.Estimate(difficulties, total)).ToArray();
        double[] abilities = [double.NaN, .. estimates.Select(estimate => estimate.Ability), double.NaN];
        int[] occurring = [.. Enumerable.Range(1, length - 1).Where(total => sample.Takers[total] > 0)];
        var (none, all) = Abilities.Extrapolate(occurring, [.. occurring.Select(total => abilities[total])], length);

        var items = table.Items.Select(_ => new RaschItem(
            null, null, null, "It is answered rightly by all or by none of those who have some questions right and some wrong.")).ToArray();
        for (var item = 0; item < length; item++)
        {
            var fit = RaschFit.Of(difficulties[item], sample.Takers, sample.Correct[item], abilities);
            items[sample.Items[item]] = new RaschItem(difficulties[item], Math.Sqrt(variances[item]), fit, null);
        }

        return new RaschCalibration(
            sample.Count, items,
            [
                new(0, sample.Takers[0], none, null, IsExtrapolated: true),
                .. estimates.Select((estimate, index) =>
                    new RaschMeasure(index + 1, sample.Takers[index + 1], estimate.Ability, estimate.StandardError, IsExtrapolated: false)),
                new(length, sample.Takers[length], all, null, IsExtrapolated: true),
            ],
            logLikelihood, Reliability(sample, estimates), null);
    }

    // (variance of the abilities − mean squared standard error) / variance of the abilities (Wright & Stone 1999), over the takers that have one.
    private static double? Reliability(RaschSample sample, (double Ability, double StandardError)[] estimates)
    {
        var weighted = estimates.Select((estimate, index) => (estimate.Ability, estimate.StandardError, Takers: (double)sample.Takers[index + 1])).ToArray();
        if (weighted.Count(estimate => estimate.Takers > 0) < 2)
        {
            return null;
        }

        double count = sample.Count;
        var mean = weighted.Sum(estimate => estimate.Takers * estimate.Ability) / count;
        var variance = weighted.Sum(estimate => estimate.Takers * (estimate.Ability - mean) * (estimate.Ability - mean)) / (count - 1);
        var error = weighted.Sum(estimate => estimate.Takers * estimate.StandardError * estimate.StandardError) / count;
        return (variance - error) / variance;
    }
}
