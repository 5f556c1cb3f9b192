namespace Plastic.Engine;

/// <summary>
/// RMSprop as a kernel, operation for operation that of <see cref="RmsProp{T}"/>: in float64, rounded to float32 once for each number. Numbers of
/// a step are float64 too, each handed over as the two halves of its bits.
/// </summary>
internal sealed class RmsPropKernel(RmsPropSettings settings) : UpdateKernel
{
    private static readonly string[] Names = ["rate", "decay", "epsilon", "most", "l1", "l2"];

    public override IReadOnlyList<string> Memory => ["square"];

    public override bool NeedsDoubles => true;

    protected override string Words => """
        #ifdef __OPENCL_VERSION__
        #pragma OPENCL EXTENSION cl_khr_fp64 : enable
        #define AS_DOUBLE(high, low) as_double(((ulong)(uint)(high) << 32) | (ulong)(uint)(low))
        #define SQRT64(x) sqrt(x)
        #else
        #define AS_DOUBLE(high, low) __hiloint2double(high, low)
        #define SQRT64(x) __dsqrt_rn(x)
        #endif
        """;

    protected override string Declared => string.Join(", ", ["int is_first", .. Names.Select(name => $"int {name}_high, int {name}_low")]);

    public override KernelArgument[] Arguments(long step, double learningRate)
    {
        double[] numbers =
            [learningRate, 1 - settings.Memory, settings.Epsilon, settings.MaxStep, settings.PenaltyL1, settings.PenaltyL2];
        return
        [
            step == 1 ? 1 : 0,
            .. numbers.Select(BitConverter.DoubleToInt64Bits).SelectMany(bits => new KernelArgument[] { (int)(bits >> 32), (int)bits }),
        ];
    }

    protected override string Body(EpisodeLayout layout) => $$"""
            {{string.Join("\n    ", Names.Select(name => $"double {name} = AS_DOUBLE({name}_high, {name}_low);"))}}
            double g = ((double)state[1] + (double)state[2]) * (double)gradient[at];
            double mean = (double)square[at];
            mean = is_first ? g * g : mean + decay * (g * g - mean);
            square[at] = (float)mean;
            double step = rate * g / SQRT64(mean + epsilon);
            step = step < -most ? -most : most < step ? most : step;
            double moved = (double)par[at] - step;
            if (({{Within(layout, p => p.Shape.Length == 2)}}) && moved == moved) {
                double sign = moved > 0.0 ? 1.0 : moved < 0.0 ? -1.0 : 0.0;
                moved -= l1 * sign + l2 * moved;
            }
            par[at] = (float)moved;
        """;
}
