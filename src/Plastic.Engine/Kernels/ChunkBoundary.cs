using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// The pairs of a chunk at its end, step t: in the forward pass they give the F that is stored there; in the backward pass F̄(t)
/// is the first to contribute to their cotangents. With F(t) = d·F(a) + Σ_c k_c·α∘(p_c ⊗ q_c) and M = α∘F̄(t),
/// <code>
/// p̄_c = k_c·M q_c,    q̄_c = k_c·Mᵀp_c,    k̄_c = p_c·(M q_c),    d̄ = ⟨F̄(t), F(a)⟩.
/// </code>
/// </summary>
internal static unsafe class ChunkBoundary<V> where V : struct, ILanes<V>
{
    /// <summary>F ← d·F(a) + α∘Σ_u k_u·(p_u ⊗ q_u) for one pair of every step; F(a) is zero where there is none.</summary>
    /// <param name="fast">F [rows, stride].</param>
    /// <param name="decay">d.</param>
    /// <param name="from">F(a), or null.</param>
    /// <param name="alpha">α.</param>
    /// <param name="stride">Floats of a row.</param>
    /// <param name="rows">Rows, a multiple of four.</param>
    /// <param name="pair">p and q of each step.</param>
    /// <param name="length">Elements of p; the rows beyond them are zero.</param>
    /// <param name="k">Coefficients.</param>
    /// <param name="kStride">Floats from one coefficient to the next.</param>
    /// <param name="steps">Steps of the chunk.</param>
    /// <param name="scaled">Room for k_u·p_u of every step.</param>
    public static void Store(
        float* fast, float decay, float* from, float* alpha, int stride, int rows, PairSeries pair, int length, float* k, int kStride,
        int steps, VectorSeries scaled)
    {
        for (var u = 0; u < steps; u++)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(scaled[u], pair.P[u], k[u * kStride], length);
        }
        V.Run(new OuterProducts<DecayAndAdd>(new(fast, decay, from, alpha), stride, rows, scaled, pair.Q, steps));
    }

    /// <summary>M ← α∘F̄; returns d̄ = ⟨F̄, F(a)⟩, zero where there is no F(a).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Scale(float* matrix, float* alpha, float* bar, float* from, int size)
    {
        V even = V.Zero, odd = V.Zero;
        var at = 0;
        for (; at <= size - 2 * Lanes.Count && from != null; at += 2 * Lanes.Count)
        {
            V first = V.Load(bar + at), second = V.Load(bar + at + Lanes.Second);
            even = V.Fma(first, V.Load(from + at), even);
            odd = V.Fma(second, V.Load(from + at + Lanes.Second), odd);
            (V.Load(alpha + at) * first).Store(matrix + at);
            (V.Load(alpha + at + Lanes.Second) * second).Store(matrix + at + Lanes.Second);
        }
        for (; at < size; at += Lanes.Count)
        {
            var last = V.Load(bar + at);
            even = from == null ? even : V.Fma(last, V.Load(from + at), even);
            (V.Load(alpha + at) * last).Store(matrix + at);
        }
        return Lanes.Sum(even + odd);
    }

    /// <summary>p̄, q̄ and k̄ for one pair of every step. p̄ and q̄ are zero before, and of whole vectors.</summary>
    /// <param name="matrix">M = α∘F̄ [rows, stride].</param>
    /// <param name="stride">Floats of a row.</param>
    /// <param name="rows">Rows, a multiple of four.</param>
    /// <param name="pair">p and q of each step.</param>
    /// <param name="bar">Receives p̄ and q̄.</param>
    /// <param name="k">Coefficients.</param>
    /// <param name="kBar">Receives k̄.</param>
    /// <param name="kStride">Floats from one coefficient to the next.</param>
    /// <param name="steps">Steps of the chunk.</param>
    public static void PairBars(
        float* matrix, int stride, int rows, PairSeries pair, PairSeries bar, float* k, float* kBar, int kStride, int steps)
    {
        var u = 0;
        for (; u + Panels.Columns <= steps; u += Panels.Columns)
        {
            MatrixProducts<V>.ApplyTFour(matrix, stride, rows, pair.Q.From(u), bar.P.From(u));
            MatrixProducts<V>.ApplyFour(matrix, stride, rows, pair.P.From(u), bar.Q.From(u));
        }
        for (; u < steps; u++)
        {
            MatrixProducts<V>.ApplyT(new StoredMatrix(matrix), stride, rows, pair.Q[u], bar.P[u]);
            MatrixProducts<V>.Apply(new StoredMatrix(matrix), stride, rows, pair.P[u], bar.Q[u]);
        }
        for (u = 0; u < steps; u++)
        {
            kBar[u * kStride] = Elementwise<V>.Dot(pair.P[u], bar.P[u], Lanes.Padded(rows));
            Elementwise<V>.ZipScalarSecond<Mul>(bar.P[u], bar.P[u], k[u * kStride], Lanes.Padded(rows));
            Elementwise<V>.ZipScalarSecond<Mul>(bar.Q[u], bar.Q[u], k[u * kStride], stride);
        }
    }
}
