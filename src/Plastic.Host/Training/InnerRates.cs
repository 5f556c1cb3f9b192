namespace Plastic.Host;

/// <summary>The inner learning rate η(t) of a network, before clipping, over episodes of the test set.</summary>
/// <param name="Mean">For each step of the episode.</param>
/// <param name="StandardDeviation">Over the episodes, for each step.</param>
internal sealed record InnerRates(double[] Mean, double[] StandardDeviation);
