using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>What is done with a sum of outer products while it is still in registers.</summary>
internal unsafe interface IEpilogue<V> where V : struct, ILanes<V>
{
    /// <summary>Takes sixteen sums, <paramref name="at"/> floats from the matrix's start.</summary>
    void Store(long at, V sum);
}

/// <summary>M ← M + Σ p ⊗ q.</summary>
internal readonly unsafe struct AddTo<V>(float* matrix) : IEpilogue<V> where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(long at, V sum) => (V.Load(matrix + at) + sum).Store(matrix + at);
}

/// <summary>F = d·F(a) + α∘Σ p ⊗ q; F(a) is zero where there is none.</summary>
internal readonly unsafe struct DecayAndAdd<V>(float* to, float decay, float* from, float* alpha) : IEpilogue<V>
    where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(long at, V sum)
    {
        var next = V.Load(alpha + at) * sum;
        (from == null ? next : V.Fma(V.Splat(decay), V.Load(from + at), next)).Store(to + at);
    }
}

/// <summary>
/// S = Σ_k p_k ⊗ q_k. With the vectors as the rows of P and Q this is the matrix product PᵀQ, so a tile of S stays in registers over
/// all k, instead of being read and written by one update of rank one after another.
/// </summary>
internal static unsafe class OuterProducts<V> where V : struct, ILanes<V>
{
    private const int Tile = 4;

    /// <summary>Each element is a chain of fused multiply-adds from zero over k in order. Rows come in fours.</summary>
    public static void Sum<TEpilogue>(TEpilogue to, int stride, int rows, VectorSeries p, VectorSeries q, int count)
        where TEpilogue : struct, IEpilogue<V>
    {
        var j = 0;
        for (; V.HoldsTiles && j <= stride - Tile * Lanes.Count; j += Tile * Lanes.Count)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                Four(to, stride, p[0] + i, p.Stride, q[0] + j, q.Stride, (long)i * stride + j, count);
            }
        }
        for (; j < stride; j += Lanes.Count)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                One(to, stride, p[0] + i, p.Stride, q[0] + j, q.Stride, (long)i * stride + j, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TEpilogue>(
        TEpilogue to, int stride, float* p, long pStride, float* q, long qStride, long at, int count)
        where TEpilogue : struct, IEpilogue<V>
    {
        V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero;
        V b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
        V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero;
        V d0 = V.Zero, d1 = V.Zero, d2 = V.Zero, d3 = V.Zero;
        for (var k = 0; k < count; k++, p += pStride, q += qStride)
        {
            V q0 = V.Load(q), q1 = V.Load(q + Lanes.Second), q2 = V.Load(q + Lanes.Third), q3 = V.Load(q + Lanes.Fourth);
            var x = V.Splat(p[0]);
            a0 = V.Fma(x, q0, a0);
            a1 = V.Fma(x, q1, a1);
            a2 = V.Fma(x, q2, a2);
            a3 = V.Fma(x, q3, a3);
            x = V.Splat(p[1]);
            b0 = V.Fma(x, q0, b0);
            b1 = V.Fma(x, q1, b1);
            b2 = V.Fma(x, q2, b2);
            b3 = V.Fma(x, q3, b3);
            x = V.Splat(p[2]);
            c0 = V.Fma(x, q0, c0);
            c1 = V.Fma(x, q1, c1);
            c2 = V.Fma(x, q2, c2);
            c3 = V.Fma(x, q3, c3);
            x = V.Splat(p[3]);
            d0 = V.Fma(x, q0, d0);
            d1 = V.Fma(x, q1, d1);
            d2 = V.Fma(x, q2, d2);
            d3 = V.Fma(x, q3, d3);
        }
        Store(to, at, a0, a1, a2, a3);
        Store(to, at + stride, b0, b1, b2, b3);
        Store(to, at + 2 * stride, c0, c1, c2, c3);
        Store(to, at + 3 * stride, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TEpilogue>(
        TEpilogue to, int stride, float* p, long pStride, float* q, long qStride, long at, int count)
        where TEpilogue : struct, IEpilogue<V>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        for (var k = 0; k < count; k++, p += pStride, q += qStride)
        {
            var qk = V.Load(q);
            a = V.Fma(V.Splat(p[0]), qk, a);
            b = V.Fma(V.Splat(p[1]), qk, b);
            c = V.Fma(V.Splat(p[2]), qk, c);
            d = V.Fma(V.Splat(p[3]), qk, d);
        }
        to.Store(at, a);
        to.Store(at + stride, b);
        to.Store(at + 2 * stride, c);
        to.Store(at + 3 * stride, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TEpilogue>(TEpilogue to, long at, V a, V b, V c, V d)
        where TEpilogue : struct, IEpilogue<V>
    {
        to.Store(at, a);
        to.Store(at + Lanes.Second, b);
        to.Store(at + Lanes.Third, c);
        to.Store(at + Lanes.Fourth, d);
    }
}
