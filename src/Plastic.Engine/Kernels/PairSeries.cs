namespace Plastic.Engine;

/// <summary>One pair (p, q), standing for the outer product p ⊗ q, of each step of a chunk or an episode.</summary>
/// <param name="p">The vectors of the rows.</param>
/// <param name="q">The vectors of the columns.</param>
internal readonly struct PairSeries(VectorSeries p, VectorSeries q)
{
    public readonly VectorSeries P = p, Q = q;
}
