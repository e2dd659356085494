namespace Statistics;

/// <summary>A Rasch calibration, in logits; what can't be computed is null.</summary>
/// <param name="Takers">Takers with something right and something wrong: those that it rests on.</param>
/// <param name="Items">The items in the score table's order.</param>
/// <param name="Measures">The ability that each total over the calibrated items stands for.</param>
/// <param name="LogLikelihood">The conditional log-likelihood at its maximum.</param>
/// <param name="SeparationReliability">The share of the abilities' variance that is not error of measurement.</param>
/// <param name="Reason">Why nothing is calibrated.</param>
public sealed record RaschCalibration(
    long Takers, IReadOnlyList<RaschItem> Items, IReadOnlyList<RaschMeasure> Measures,
    double? LogLikelihood, double? SeparationReliability, string? Reason);

/// <summary>A calibrated item.</summary>
/// <param name="Difficulty">The difficulty; the sum over the calibrated items is zero.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Fit">How well the answers follow the model.</param>
/// <param name="Reason">Why it has none.</param>
public sealed record RaschItem(double? Difficulty, double? StandardError, RaschFit? Fit, string? Reason);

/// <summary>The ability that a total stands for.</summary>
/// <param name="Total">Correct answers among the calibrated items.</param>
/// <param name="Takers">How many have it.</param>
/// <param name="Ability">The ability; null where it can't be told.</param>
/// <param name="StandardError">Its standard error; null where the ability is extrapolated.</param>
/// <param name="IsExtrapolated">Whether it is extrapolated, as none and all correct have no finite estimate.</param>
public sealed record RaschMeasure(int Total, long Takers, double? Ability, double? StandardError, bool IsExtrapolated);
