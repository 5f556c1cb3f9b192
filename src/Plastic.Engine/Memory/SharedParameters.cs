namespace Plastic.Engine;

/// <summary>Where the parameters are while a batch runs; all workers read them.</summary>
internal unsafe struct SharedParameters
{
    /// <summary>Vector parameters and constants.</summary>
    public float* Vectors;

    /// <summary>α of every synapse with fast weights, ones where there is no parameter, row by row.</summary>
    public float* Alphas;

    /// <summary>W of every synapse, and α of those with fast weights, in panels.</summary>
    public float* WeightPanels, AlphaPanels;

    /// <summary>The same, transposed and in panels.</summary>
    public float* TransposedWeightPanels, TransposedAlphaPanels;

    /// <summary>W of a synapse in panels.</summary>
    public readonly float* Weights(SynapsePlan s, bool isTransposed) =>
        isTransposed ? TransposedWeightPanels + s.TransposedOffset : WeightPanels + s.MatrixOffset;

    /// <summary>α of a synapse in panels.</summary>
    public readonly float* AlphasInPanels(SynapsePlan s, bool isTransposed) =>
        isTransposed ? TransposedAlphaPanels + s.TransposedOffset : AlphaPanels + s.MatrixOffset;
}

/// <summary>Where one shard adds up its gradient.</summary>
internal unsafe struct ShardGradients
{
    public float* WeightBars, AlphaBars, VectorBars;
}
