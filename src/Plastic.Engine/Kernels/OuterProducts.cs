using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>What becomes of an element's sum of outer products.</summary>
internal unsafe interface IDestination<V> where V : struct, ILanes<V>
{
    /// <summary>Takes sixteen sums, <paramref name="at"/> floats from the matrix's start.</summary>
    void Take(long at, V sum);
}

/// <summary>M ← M + Σ p ⊗ q.</summary>
internal readonly unsafe struct AddedTo<V>(float* matrix) : IDestination<V> where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(long at, V sum) => (V.Load(matrix + at) + sum).Store(matrix + at);
}

/// <summary>F = d·F(a) + α∘Σ p ⊗ q; F(a) is zero where there is none.</summary>
internal readonly unsafe struct MovedTo<V>(float* to, float decay, float* from, float* alpha) : IDestination<V>
    where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(long at, V sum)
    {
        var moved = V.Load(alpha + at) * sum;
        (from == null ? moved : V.Fma(V.Splat(decay), V.Load(from + at), moved)).Store(to + at);
    }
}

/// <summary>Σ_k p_k ⊗ q_k, as a matrix product of stored vectors instead of updates of rank one.</summary>
internal static unsafe class OuterProducts<V> where V : struct, ILanes<V>
{
    private const int Tile = 4;

    /// <summary>Each element is a chain of fused multiply-adds from zero over k in order. Rows come in fours.</summary>
    public static void Sum<TDestination>(TDestination to, int stride, int rows, Series p, Series q, int count)
        where TDestination : struct, IDestination<V>
    {
        var j = 0;
        for (; V.HoldsTiles && j <= stride - Tile * Lanes.Count; j += Tile * Lanes.Count)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                Four(to, stride, p[0] + i, p.Apart, q[0] + j, q.Apart, (long)i * stride + j, count);
            }
        }
        for (; j < stride; j += Lanes.Count)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                One(to, stride, p[0] + i, p.Apart, q[0] + j, q.Apart, (long)i * stride + j, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TDestination>(
        TDestination to, int stride, float* p, long pApart, float* q, long qApart, long at, int count)
        where TDestination : struct, IDestination<V>
    {
        V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero;
        V b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
        V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero;
        V d0 = V.Zero, d1 = V.Zero, d2 = V.Zero, d3 = V.Zero;
        for (var k = 0; k < count; k++, p += pApart, q += qApart)
        {
            V q0 = V.Load(q), q1 = V.Load(q + 16), q2 = V.Load(q + 32), q3 = V.Load(q + 48);
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
        Take(to, at, a0, a1, a2, a3);
        Take(to, at + stride, b0, b1, b2, b3);
        Take(to, at + 2 * stride, c0, c1, c2, c3);
        Take(to, at + 3 * stride, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TDestination>(
        TDestination to, int stride, float* p, long pApart, float* q, long qApart, long at, int count)
        where TDestination : struct, IDestination<V>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        for (var k = 0; k < count; k++, p += pApart, q += qApart)
        {
            var qk = V.Load(q);
            a = V.Fma(V.Splat(p[0]), qk, a);
            b = V.Fma(V.Splat(p[1]), qk, b);
            c = V.Fma(V.Splat(p[2]), qk, c);
            d = V.Fma(V.Splat(p[3]), qk, d);
        }
        to.Take(at, a);
        to.Take(at + stride, b);
        to.Take(at + 2 * stride, c);
        to.Take(at + 3 * stride, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<TDestination>(TDestination to, long at, V a, V b, V c, V d)
        where TDestination : struct, IDestination<V>
    {
        to.Take(at, a);
        to.Take(at + 16, b);
        to.Take(at + 32, c);
        to.Take(at + 48, d);
    }
}
