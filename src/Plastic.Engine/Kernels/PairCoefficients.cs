namespace Plastic.Engine;

/// <summary>
/// The coefficients of a factored F, and their adjoint. Unrolling F(u+1) = keep_u·F(u) + rate_u·α∘Σ p_u ⊗ q_u from the chunk's
/// start a to step t gives
/// <code>
/// F(t) = d·F(a) + Σ_u k_u·α∘Σ p_u ⊗ q_u,    k_u = rate_u·Π_{u&lt;v&lt;t} keep_v,    d = Π_{a≤v&lt;t} keep_v.
/// </code>
/// Backward, k̄ and d̄ are the cotangents of the coefficients of F(t). From F(t+1) to F(t) each older coefficient was multiplied by
/// keep_t, so k̄ ← keep_t·k̄ and d̄ ← keep_t·d̄; the update at the end of step t has
/// <code>
/// ratē_t = Σ_pairs k̄_t,    keep̄_t = d·d̄ + Σ_{u&lt;t} k_u·k̄_u    with k and d of F(t), k̄ and d̄ of F(t+1).
/// </code>
/// Coefficient r of a sample is at k[r·stride]: r = u·K + j for pair j of the K pairs in the update of the chunk's step u.
/// </summary>
internal static unsafe class PairCoefficients
{
    /// <summary>k_u for every pair of the updates of <paramref name="steps"/> steps; returns d.</summary>
    /// <param name="keep">keep_u for each step of the chunk so far.</param>
    /// <param name="rate">rate_u likewise.</param>
    /// <param name="steps">Steps since the chunk's start.</param>
    /// <param name="k">Where the coefficients go.</param>
    /// <param name="pairs">Pairs in one update.</param>
    /// <param name="stride">Floats from one coefficient to the next.</param>
    public static float Compute(VectorSeries keep, VectorSeries rate, int steps, float* k, int pairs, int stride)
    {
        var decay = 1f;
        for (var u = steps - 1; u >= 0; u--)
        {
            var coefficient = *rate[u] * decay;
            for (var j = 0; j < pairs; j++)
            {
                k[(u * pairs + j) * stride] = coefficient;
            }
            decay *= *keep[u];
        }
        return decay;
    }

    /// <summary>The cotangents of the coefficients of F(t+1) become those of the coefficients of F(t), of which there are <paramref name="count"/>.</summary>
    public static void Decay(float keep, float* kBar, int count, int stride, ref float decayBar)
    {
        decayBar *= keep;
        for (var r = 0; r < count; r++)
        {
            kBar[r * stride] *= keep;
        }
    }

    /// <summary>ratē of an update: the sum over its pairs.</summary>
    public static float RateBar(float* kBar, int pairs, int stride)
    {
        var sum = 0f;
        for (var j = 0; j < pairs; j++)
        {
            sum += kBar[j * stride];
        }
        return sum;
    }

    /// <summary>keep̄ of an update that <paramref name="count"/> pairs of the chunk precede.</summary>
    public static float KeepBar(float* k, float* kBar, int count, int stride, float decay, float decayBar)
    {
        var sum = decay * decayBar;
        for (var r = 0; r < count; r++)
        {
            sum = MathF.FusedMultiplyAdd(k[r * stride], kBar[r * stride], sum);
        }
        return sum;
    }
}
