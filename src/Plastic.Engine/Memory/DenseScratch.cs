namespace Plastic.Engine;

/// <summary>A worker's memory for the updates of dense synapses and their adjoints, one synapse of one sample after another.</summary>
internal unsafe struct DenseScratch
{
    /// <summary>The state at the start of an episode.</summary>
    public float* Zeros;

    /// <summary>keep of each column, where it is one number.</summary>
    public float* Keep;

    /// <summary>The adjoint's sums over rows, sixteen of each and then their sum, and those over columns. One pair's after another's.</summary>
    public float* RowLanes, RowSums, ColumnSums;

    /// <summary>Floats from one pair's sums to the next pair's.</summary>
    public int SumStride;

    /// <summary>The adjoint's sums over columns for keep and, with an eligibility trace, for rate and for its keep.</summary>
    public float* KeepSums, RateSums, EligibilityKeepSums;

    /// <summary>Room for each of these synapses, given the length of their longest vector.</summary>
    public static DenseScratch Allot(ref BumpAllocator memory, DensePlan[] synapses, int longest)
    {
        int state = 0, pairs = 0;
        foreach (var s in synapses)
        {
            state = Math.Max(state, s.StateSize);
            pairs = Math.Max(pairs, Math.Max(1, s.Update.Pairs.Length));
        }
        return new DenseScratch
        {
            Zeros = memory.Allot(state),
            Keep = memory.Allot(state > 0 ? longest : 0),
            RowLanes = memory.Allot((long)pairs * longest * Lanes.Count),
            RowSums = memory.Allot((long)pairs * longest),
            ColumnSums = memory.Allot((long)pairs * longest),
            SumStride = longest,
            KeepSums = memory.Allot(state > 0 ? longest : 0),
            RateSums = memory.Allot(state > 0 ? longest : 0),
            EligibilityKeepSums = memory.Allot(state > 0 ? longest : 0),
        };
    }
}
