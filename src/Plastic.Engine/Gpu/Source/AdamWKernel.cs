namespace Plastic.Engine;

/// <summary>AdamW as a kernel, operation for operation that of <see cref="AdamW{T}"/> in float32.</summary>
internal sealed class AdamWKernel(AdamWSettings settings) : UpdateKernel
{
    public override IReadOnlyList<string> Memory => settings.AmsGrad ? ["first", "second", "largest"] : ["first", "second"];

    protected override string Declared =>
        "float beta1, float rest1, float beta2, float rest2, float epsilon, float keep, float rate, float correction";

    public override KernelArgument[] Arguments(long step, double learningRate)
    {
        var c = AdamWCoefficients.Of(settings, step, learningRate);
        return
        [
            (float)c.Beta1, (float)c.Rest1, (float)c.Beta2, (float)c.Rest2, (float)c.Epsilon, (float)c.Keep, (float)c.Rate,
            (float)c.Correction,
        ];
    }

    protected override string Body(EpisodeLayout layout)
    {
        var largest = settings.AmsGrad
            ? """

                    float w = largest[at];
                    v = v <= w ? w : v;
                    largest[at] = v;
                """
            : "";
        return $$"""
                float g = gradient[at] * state[1];
                float m = first[at] * beta1 + g * rest1;
                float v = second[at] * beta2 + rest2 * g * g;
                first[at] = m;
                second[at] = v;{{largest}}
                float denominator = SQRT(v) / correction + epsilon;
                par[at] = par[at] * keep - rate * m / denominator;
            """;
    }
}
