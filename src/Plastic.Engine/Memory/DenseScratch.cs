namespace Plastic.Engine;

/// <summary>A worker's memory for the updates of dense synapses and their adjoints, one synapse of one sample after another.</summary>
internal unsafe struct DenseScratch
{
    /// <summary>The state at the start of an episode.</summary>
    public float* Zeros;

    /// <summary>The adjoint's sums: over rows and over columns, a vector for each pair.</summary>
    public float* RowSums, ColumnSums;

    /// <summary>Floats from one pair's sums to the next pair's.</summary>
    public int SumStride;

    /// <summary>The adjoint's sums for keep, and for scalars.</summary>
    public float* KeepSums, ScalarSums;

    /// <summary>Room for each of these synapses, given the length of their longest vector.</summary>
    public static DenseScratch Allot(ref BumpAllocator memory, DensePlan[] synapses, int longest)
    {
        int state = 0, pairs = 0;
        foreach (var s in synapses)
        {
            state = Math.Max(state, s.StateSize);
            pairs = Math.Max(pairs, s.Update.Pairs.Length);
        }
        return new DenseScratch
        {
            Zeros = memory.Allot(state),
            SumStride = longest,
            RowSums = memory.Allot((long)pairs * longest),
            ColumnSums = memory.Allot((long)pairs * longest),
            KeepSums = memory.Allot(state > 0 ? longest : 0),
            ScalarSums = memory.Allot(state > 0 ? Lanes.Count : 0),
        };
    }
}
