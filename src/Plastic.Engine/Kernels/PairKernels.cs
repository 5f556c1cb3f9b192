using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// What the pairs of a chunk ask of vectors. With F(t) = d·F(a) + Σ_c k_c·α∘(p_c ⊗ q_c), a product is
/// Fᵀx = d·F(a)ᵀx + Σ_c k_c·q_c∘z_c with z_c = αᵀ(p_c∘x), and Fv likewise with the parts of p and q exchanged. Where x ⊗ y is
/// added to the cotangent of F(t), k_c·x∘(α(q_c∘y)) is added to p̄_c and k_c·y∘z_c to q̄_c.
/// </summary>
internal static unsafe class PairKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y ← x + Σ_c k_c·q_c∘z_c over <paramref name="count"/> pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(float* y, float* x, int length, float* k, int kApart, Series q, Series z, int count)
    {
        for (var j = 0; j < length; j += Lanes.Count)
        {
            var sum = V.Load(x + j);
            float* qc = q[0] + j, zc = z[0] + j, kc = k;
            for (var c = 0; c < count; c++, qc += q.Apart, zc += z.Apart, kc += kApart)
            {
                sum = V.Fma(V.Splat(*kc) * V.Load(qc), V.Load(zc), sum);
            }
            sum.Store(y + j);
        }
    }

    /// <summary>bar_c ← bar_c + k_c·x∘w_c over <paramref name="count"/> pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Spread(Series bar, int length, float* k, int kApart, float* x, Series w, int count)
    {
        for (var c = 0; c < count; c++)
        {
            float* to = bar[c], from = w[c];
            var coefficient = V.Splat(k[c * kApart]);
            for (var i = 0; i < length; i += Lanes.Count)
            {
                V.Fma(coefficient * V.Load(x + i), V.Load(from + i), V.Load(to + i)).Store(to + i);
            }
        }
    }

    /// <summary>The same, and k̄_c ← k̄_c + Σ_i x_i p_c,i w_c,i: what x ⊗ y asks of the coefficient of each pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SpreadAndWeigh(Series bar, int length, float* k, float* kBar, int kApart, float* x, Series w, Series p, int count)
    {
        for (var c = 0; c < count; c++)
        {
            float* to = bar[c], from = w[c], pc = p[c];
            var coefficient = V.Splat(k[c * kApart]);
            var sum = V.Zero;
            for (var i = 0; i < length; i += Lanes.Count)
            {
                var product = V.Load(x + i) * V.Load(from + i);
                V.Fma(coefficient, product, V.Load(to + i)).Store(to + i);
                sum = V.Fma(product, V.Load(pc + i), sum);
            }
            kBar[c * kApart] += Lanes.Sum(sum);
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
}
