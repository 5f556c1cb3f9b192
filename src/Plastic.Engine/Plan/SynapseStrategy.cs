using Plastic.Core;

namespace Plastic.Engine;

/// <summary>How the fast weights of a synapse are held while a group of samples runs.</summary>
internal enum SynapseStrategy
{
    /// <summary>There are none.</summary>
    Slow,

    /// <summary>By their factors: F where the chunk starts and the pairs since.</summary>
    Factored,

    /// <summary>As a matrix at every step of the chunk.</summary>
    Dense,
}

/// <summary>The choice of strategies, and what each asks of a run as a whole.</summary>
internal static class SynapseStrategies
{
    /// <summary>
    /// Factored wherever F(t) is F at the chunk's start and the pairs since. A bound, a keep for each output or an eligibility trace make it
    /// something else, and F is dense.
    /// </summary>
    public static SynapseStrategy Of(ProgramSynapse s, bool keepsPerOutput) =>
        !s.IsPlastic ? SynapseStrategy.Slow
        : s.Bound.IsFree && !s.HasEligibility && !keepsPerOutput ? SynapseStrategy.Factored
        : SynapseStrategy.Dense;

    /// <summary>
    /// Samples that may run together. A tile of a product takes four vectors: of four samples, or of several pairs of fewer. With fast weights a
    /// batch of eight samples makes at least eight groups, so that there is work for eight threads. Without plasticity more samples make better
    /// use of W; the dense F of several samples crowd the cache.
    /// </summary>
    public static int LargestGroup(this SynapseStrategy strategy, int batch) => strategy switch
    {
        SynapseStrategy.Slow => 8,
        SynapseStrategy.Factored => batch >= 32 ? 4 : batch >= 16 ? 2 : 1,
        _ => 1,
    };

    /// <summary>Steps of a chunk at most.</summary>
    public static int LongestChunk(this SynapseStrategy strategy) =>
        strategy == SynapseStrategy.Dense ? Chunks.LongestDense : Chunks.Longest;
}
