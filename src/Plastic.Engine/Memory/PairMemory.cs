namespace Plastic.Engine;

/// <summary>
/// A worker's memory of the pairs of one synapse since a chunk's start. Column c = r·Group + g is pair r of sample g, with
/// r = u·K + k for pair k of the K pairs in the update at the end of the chunk's step u.
/// </summary>
internal unsafe struct PairMemory
{
    /// <summary>Columns that there is room for, in whole tiles.</summary>
    public int Columns;

    /// <summary>p and q of every column, as vectors.</summary>
    public float* P, Q;

    /// <summary>p and q of every column, interleaved in tiles.</summary>
    public float* PTiles, QTiles;

    /// <summary>The coefficients of F at the current step: k of each column, and d, the fraction left of F at the chunk's start.</summary>
    public float* K, Decay;

    /// <summary>The cotangents of all of these so far; p̄ and q̄ have a vector for each column.</summary>
    public float* PBar, QBar, KBar, DecayBar;

    /// <summary>Room for the pairs of a chunk, given its steps and the samples of the group.</summary>
    public static PairMemory Allot(ref BumpAllocator memory, FactoredPlan s, int group, int chunk)
    {
        var columns = s.Columns(group, chunk);
        return new PairMemory
        {
            Columns = columns,
            P = memory.Allot((long)columns * s.Layout.PaddedRows),
            Q = memory.Allot((long)columns * s.Layout.Stride),
            PTiles = memory.Allot((long)columns * s.Layout.Rows),
            QTiles = memory.Allot((long)columns * s.Layout.Stride),
            K = memory.Allot(columns),
            Decay = memory.Allot(group),
            PBar = memory.Allot((long)columns * s.Layout.PaddedRows),
            QBar = memory.Allot((long)columns * s.Layout.Stride),
            KBar = memory.Allot(columns),
            DecayBar = memory.Allot(group),
        };
    }
}
