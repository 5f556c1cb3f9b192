using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// Products with a factored F, and the cotangents of its factors. With F(t) = d·F(a) + Σ_c k_c·α∘(p_c ⊗ q_c), element j of Fᵀx is
/// <code>
/// Σ_i x_i (d·F(a)_ij + Σ_c k_c α_ij p_ci q_cj) = d·(F(a)ᵀx)_j + Σ_c k_c q_cj z_cj,    z_c = αᵀ(p_c∘x).
/// </code>
/// All z_c of all samples are one matrix product with α, which they share. The transposed product exchanges p and q:
/// Fv = d·F(a)v + Σ_c k_c·p_c∘w_c with w_c = α(q_c∘v).
/// <para>
/// The cotangent: where a step adds x ⊗ y to F̄(t), the step contributes the scalar xᵀF(t)y, whose derivatives are
/// </para>
/// <code>
/// p̄_c += k_c·x∘w_c,    q̄_c += k_c·y∘z_c,    k̄_c += Σ_i x_i p_ci w_ci = Σ_j y_j q_cj z_cj,    d̄ += y·(F(a)ᵀx) = x·(F(a)y)
/// </code>
/// with z_c = αᵀ(p_c∘x) and w_c = α(q_c∘y): the same products as those of the forward pass for x and of the backward pass for y.
/// </summary>
internal static unsafe class FactoredProducts<V> where V : struct, ILanes<V>
{
    /// <summary>z_c = Aᵀ(p_c∘x) for every column c: the operand times every pair's vector, then a product with α in panels.</summary>
    /// <param name="panels">A [rows, columns] in panels: α, or α transposed.</param>
    /// <param name="rows">Elements of p and x.</param>
    /// <param name="columns">Elements of z.</param>
    /// <param name="p">The pairs' vectors, interleaved in tiles.</param>
    /// <param name="x">The operand, interleaved in one tile that serves every tile of pairs.</param>
    /// <param name="scaled">Room for p∘x, like <paramref name="p"/>.</param>
    /// <param name="tiles">How many tiles of pairs.</param>
    /// <param name="z">One vector for each column.</param>
    public static void Multiply(float* panels, int rows, int columns, float* p, float* x, float* scaled, int tiles, float* z)
    {
        Hadamard(scaled, p, x, Panels.Columns * rows, tiles);
        PanelProducts<V>.Multiply(panels, rows, columns, scaled, tiles, z);
    }

    /// <summary>y ← x + Σ_c k_c·q_c∘z_c over <paramref name="count"/> pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(float* y, float* x, int length, float* k, int kStride, VectorSeries q, VectorSeries z, int count)
    {
        for (var j = 0; j < length; j += Lanes.Count)
        {
            var sum = V.Load(x + j);
            float* qc = q[0] + j, zc = z[0] + j, kc = k;
            for (var c = 0; c < count; c++, qc += q.Stride, zc += z.Stride, kc += kStride)
            {
                sum = V.Fma(V.Splat(*kc) * V.Load(qc), V.Load(zc), sum);
            }
            sum.Store(y + j);
        }
    }

    /// <summary>p̄_c ← p̄_c + k_c·x∘w_c over <paramref name="count"/> pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddPairBars(VectorSeries bar, int length, float* k, int kStride, float* x, VectorSeries w, int count)
    {
        for (var c = 0; c < count; c++)
        {
            float* to = bar[c], from = w[c];
            var coefficient = V.Splat(k[c * kStride]);
            for (var i = 0; i < length; i += Lanes.Count)
            {
                V.Fma(coefficient * V.Load(x + i), V.Load(from + i), V.Load(to + i)).Store(to + i);
            }
        }
    }

    /// <summary>The same, and k̄_c ← k̄_c + Σ_i x_i p_ci w_ci.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddPairAndCoefficientBars(
        VectorSeries bar, int length, float* k, float* kBar, int kStride, float* x, VectorSeries w, VectorSeries p, int count)
    {
        for (var c = 0; c < count; c++)
        {
            float* to = bar[c], from = w[c], pc = p[c];
            var coefficient = V.Splat(k[c * kStride]);
            var sum = V.Zero;
            for (var i = 0; i < length; i += Lanes.Count)
            {
                var product = V.Load(x + i) * V.Load(from + i);
                V.Fma(coefficient, product, V.Load(to + i)).Store(to + i);
                sum = V.Fma(product, V.Load(pc + i), sum);
            }
            kBar[c * kStride] += Lanes.Sum(sum);
        }
    }

    /// <summary>y ← y + k·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* y, int length, float k, float* x)
    {
        var scale = V.Splat(k);
        for (var i = 0; i < length; i += Lanes.Count)
        {
            V.Fma(scale, V.Load(x + i), V.Load(y + i)).Store(y + i);
        }
    }

    /// <summary>u ← p∘x, tile after tile, with the same x for every tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Hadamard(float* u, float* p, float* x, int floats, int tiles)
    {
        for (var tile = 0; tile < tiles; tile++, u += floats, p += floats)
        {
            for (var i = 0; i < floats; i += Lanes.Count)
            {
                (V.Load(p + i) * V.Load(x + i)).Store(u + i);
            }
        }
    }
}
