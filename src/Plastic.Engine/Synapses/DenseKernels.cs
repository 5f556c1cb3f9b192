namespace Plastic.Engine;

/// <summary>The kernels of a dense synapse, compiled for what its update has: one of sixteen types.</summary>
internal abstract class DenseKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Writes the state after the update.</summary>
    public abstract void Advance(in DenseUpdate update);

    /// <summary>Takes the cotangents of the state after the update to those of the state before it.</summary>
    public abstract void AdvanceBackward(in DenseUpdate update, in DenseBars bars);

    /// <summary>Those for an update with α outside, with an eligibility trace, with a bound, with several pairs p ⊗ q or x ⊗ y; or without.</summary>
    public static DenseKernels<V> Of(bool isOnTrace, bool isEligible, bool isBounded, bool areSeveral) =>
        isOnTrace ? Of<Yes>(isEligible, isBounded, areSeveral) : Of<No>(isEligible, isBounded, areSeveral);

    private static DenseKernels<V> Of<T>(bool isEligible, bool isBounded, bool areSeveral) where T : struct, IFlag =>
        isEligible ? Of<T, Yes>(isBounded, areSeveral) : Of<T, No>(isBounded, areSeveral);

    private static DenseKernels<V> Of<T, E>(bool isBounded, bool areSeveral) where T : struct, IFlag where E : struct, IFlag =>
        isBounded ? Of<T, E, Yes>(areSeveral) : Of<T, E, No>(areSeveral);

    private static DenseKernels<V> Of<T, E, B>(bool areSeveral) where T : struct, IFlag where E : struct, IFlag where B : struct, IFlag =>
        areSeveral ? new Compiled<T, E, B, Yes>() : new Compiled<T, E, B, No>();

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
