using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>The best validation of a training so far.</summary>
/// <param name="Step">The step it was made at.</param>
/// <param name="Loss">Its loss; infinity before the first.</param>
/// <param name="Measure">The task's additional metric, if it has one.</param>
internal sealed record BestValidation(int Step, double Loss, double? Measure)
{
    /// <summary>Before the first validation.</summary>
    public static readonly BestValidation None = new(0, double.PositiveInfinity, null);

    /// <summary>Whether there was one.</summary>
    public bool Exists => double.IsFinite(Loss);

    /// <summary>Whether a newer validation is at least as good as another: by the metric where it decides, else by the loss.</summary>
    public bool Beats(BestValidation other, Measure? measure) =>
        measure is { Decides: true } ? !(Measure < (other.Measure ?? double.NegativeInfinity)) : Loss <= other.Loss;
}
