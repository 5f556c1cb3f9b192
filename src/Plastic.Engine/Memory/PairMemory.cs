namespace Plastic.Engine;

/// <summary>
/// A worker's memory of the pairs of one synapse since a chunk's start. Column c = r·Group + g is pair r of sample g, with
/// r = u·K + k for pair k of the K that the update at the end of the chunk's step u has.
/// </summary>
internal unsafe struct PairMemory
{
    /// <summary>Columns that there is room for, in whole tiles.</summary>
    public int Columns;

    /// <summary>p and q of every column, as vectors.</summary>
    public float* P, Q;

    /// <summary>p and q of every column, interleaved in tiles.</summary>
    public float* PTiles, QTiles;

    /// <summary>At the step in hand: the coefficient of each column, and what is left of the F at the chunk's start.</summary>
    public float* K, Decay;

    /// <summary>The cotangents of all of these so far; p̄ and q̄ have a vector for each column.</summary>
    public float* PBar, QBar, KBar, DecayBar;
}
