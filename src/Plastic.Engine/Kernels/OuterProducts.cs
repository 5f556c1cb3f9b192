using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>W̄ ← W̄ + Σ_k p_k ⊗ q_k, as a matrix product of stored pairs instead of rank-one updates.</summary>
internal static unsafe class OuterProducts<V> where V : struct, ILanes<V>
{
    private const int Tile = 4;

    /// <summary>
    /// Each element is a chain of fused multiply-adds from zero over k in order, then one addition. Rows come in fours.
    /// </summary>
    /// <param name="bar">W̄ [rows, stride].</param>
    /// <param name="p">count pointers to vectors of at least rows floats.</param>
    /// <param name="q">count pointers to vectors of stride floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(float* bar, int stride, int rows, float** p, float** q, int count)
    {
        for (var i = 0; i < rows; i += Tile)
        {
            var row = bar + (long)i * stride;
            var j = 0;
            for (; j <= stride - Tile * Lanes.Count; j += Tile * Lanes.Count)
            {
                Four(row + j, stride, p, q, i, j, count);
            }
            for (; j < stride; j += Lanes.Count)
            {
                One(row + j, stride, p, q, i, j, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* bar, int stride, float** p, float** q, int i, int j, int count)
    {
        V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero;
        V b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
        V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero;
        V d0 = V.Zero, d1 = V.Zero, d2 = V.Zero, d3 = V.Zero;
        for (var k = 0; k < count; k++)
        {
            float* pk = p[k] + i, qk = q[k] + j;
            V q0 = V.Load(qk), q1 = V.Load(qk + 16), q2 = V.Load(qk + 32), q3 = V.Load(qk + 48);
            var x = V.Splat(pk[0]);
            a0 = V.Fma(x, q0, a0);
            a1 = V.Fma(x, q1, a1);
            a2 = V.Fma(x, q2, a2);
            a3 = V.Fma(x, q3, a3);
            x = V.Splat(pk[1]);
            b0 = V.Fma(x, q0, b0);
            b1 = V.Fma(x, q1, b1);
            b2 = V.Fma(x, q2, b2);
            b3 = V.Fma(x, q3, b3);
            x = V.Splat(pk[2]);
            c0 = V.Fma(x, q0, c0);
            c1 = V.Fma(x, q1, c1);
            c2 = V.Fma(x, q2, c2);
            c3 = V.Fma(x, q3, c3);
            x = V.Splat(pk[3]);
            d0 = V.Fma(x, q0, d0);
            d1 = V.Fma(x, q1, d1);
            d2 = V.Fma(x, q2, d2);
            d3 = V.Fma(x, q3, d3);
        }
        Add(bar, a0, a1, a2, a3);
        Add(bar + stride, b0, b1, b2, b3);
        Add(bar + 2 * stride, c0, c1, c2, c3);
        Add(bar + 3 * stride, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* bar, int stride, float** p, float** q, int i, int j, int count)
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        for (var k = 0; k < count; k++)
        {
            var pk = p[k] + i;
            var qk = V.Load(q[k] + j);
            a = V.Fma(V.Splat(pk[0]), qk, a);
            b = V.Fma(V.Splat(pk[1]), qk, b);
            c = V.Fma(V.Splat(pk[2]), qk, c);
            d = V.Fma(V.Splat(pk[3]), qk, d);
        }
        Add(bar, a);
        Add(bar + stride, b);
        Add(bar + 2 * stride, c);
        Add(bar + 3 * stride, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* to, V a, V b, V c, V d)
    {
        Add(to, a);
        Add(to + 16, b);
        Add(to + 32, c);
        Add(to + 48, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* to, V share) => (V.Load(to) + share).Store(to);
}
