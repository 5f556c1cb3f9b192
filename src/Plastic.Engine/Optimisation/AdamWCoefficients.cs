namespace Plastic.Engine;

/// <summary>The numbers of one step of <see cref="AdamW{T}"/>, in double.</summary>
/// <param name="Beta1">β₁.</param>
/// <param name="Rest1">1 − β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Rest2">1 − β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Keep">What the weights keep: 1 − lr·weightDecay.</param>
/// <param name="Rate">lr / (1 − β₁ᵗ).</param>
/// <param name="Correction">√(1 − β₂ᵗ).</param>
internal readonly record struct AdamWCoefficients(
    double Beta1, double Rest1, double Beta2, double Rest2, double Epsilon, double Keep, double Rate, double Correction)
{
    /// <param name="settings">The settings.</param>
    /// <param name="step">The number of the step, from 1.</param>
    /// <param name="learningRate">Its rate.</param>
    public static AdamWCoefficients Of(AdamWSettings settings, long step, double learningRate) => new(
        settings.Beta1,
        1 - settings.Beta1,
        settings.Beta2,
        1 - settings.Beta2,
        settings.Epsilon,
        1 - learningRate * settings.WeightDecay,
        learningRate / (1 - Power(settings.Beta1, step)),
        Math.Sqrt(1 - Power(settings.Beta2, step)));

    // By squaring: Math.Pow uses the platform's library, which may give different bits elsewhere.
    private static double Power(double x, long n)
    {
        var power = 1.0;
        for (; n > 0; n >>= 1, x *= x)
        {
            power = (n & 1) == 0 ? power : power * x;
        }

        return power;
    }
}
