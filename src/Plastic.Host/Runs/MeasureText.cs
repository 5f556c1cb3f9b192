using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What a task's metric came to, in words: errors are 1.96 standard errors over the batches of the test set.</summary>
internal static class MeasureText
{
    /// <summary>"accuracy 0.8125 ± 0.0231 (chance 0.2000)".</summary>
    /// <param name="measure">The metric.</param>
    /// <param name="value">Its mean over batches.</param>
    /// <param name="standardError">That of the mean; null for a single batch.</param>
    public static string Of(Measure measure, double value, double? standardError) =>
        $"{measure.Name} {LossText.Of(value, 1.96 * standardError)}"
        + (double.IsNaN(measure.Chance) ? "" : $" (chance {LossText.Of(measure.Chance)})");

    /// <summary>"test accuracy 0.8125 ± 0.0231 (chance 0.2000), best validation accuracy 0.8500 at step 200".</summary>
    /// <param name="measure">The metric, which decides which weights are best.</param>
    /// <param name="result">The run's result, which has the metric.</param>
    public static string Of(Measure measure, RunResult result) =>
        $"test {Of(measure, result.TestMeasure!.Value, result.TestMeasureError)}, best validation"
        + (result.BestMeasure is { } best ? $" {measure.Name} {LossText.Of(best)}" : "")
        + $" at step {result.BestStep}";
}
