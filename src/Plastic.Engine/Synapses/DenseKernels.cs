namespace Plastic.Engine;

/// <summary>The kernels of a dense synapse, compiled for what its update has: one of sixteen types.</summary>
internal abstract class DenseKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Writes the state after the update.</summary>
    public abstract void Advance(in DenseUpdate update);

    /// <summary>Takes the cotangents of the state after the update to those of the state before it.</summary>
    public abstract void AdvanceBackward(in DenseUpdate update, in DenseBars bars);

    /// <summary>Those of a plan.</summary>
    public static DenseKernels<V> Of(DensePlan plan) => plan.IsOnTrace ? Of<Yes>(plan) : Of<No>(plan);

    private static DenseKernels<V> Of<T>(DensePlan plan) where T : struct, IFlag =>
        plan.Eligibility is null ? Of<T, No>(plan) : Of<T, Yes>(plan);

    private static DenseKernels<V> Of<T, E>(DensePlan plan) where T : struct, IFlag where E : struct, IFlag =>
        float.IsPositiveInfinity(plan.Bound) ? Of<T, E, No>(plan) : Of<T, E, Yes>(plan);

    private static DenseKernels<V> Of<T, E, B>(DensePlan plan) where T : struct, IFlag where E : struct, IFlag where B : struct, IFlag =>
        plan.Update.Pairs.Length > 1 || plan.Gradient.Length > 1 ? new Compiled<T, E, B, Yes>() : new Compiled<T, E, B, No>();

    private sealed class Compiled<T, E, B, S> : DenseKernels<V>
        where T : struct, IFlag
        where E : struct, IFlag
        where B : struct, IFlag
        where S : struct, IFlag
    {
        public override void Advance(in DenseUpdate update) => V.Run(new DenseAdvance<T, E, B, S>(update));

        public override void AdvanceBackward(in DenseUpdate update, in DenseBars bars) =>
            V.Run(new DenseBackward<T, E, B, S>(update, bars));
    }
}
