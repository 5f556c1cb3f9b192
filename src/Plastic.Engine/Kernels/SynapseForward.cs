using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>A choice made when a kernel is compiled.</summary>
internal interface IChoice
{
    static abstract bool Taken { get; }
}

internal readonly struct Yes : IChoice
{
    public static bool Taken => true;
}

internal readonly struct No : IChoice
{
    public static bool Taken => false;
}

/// <summary>
/// A synapse's forward passes over a block of rows of one sample. Rows come in fours (the plan pads matrices with zero
/// rows), each of <c>stride</c> floats, a whole number of vectors. Each output element is a chain of fused
/// multiply-adds in the order of the rows, so that blocks and vector widths leave no trace in the bits.
/// </summary>
internal static unsafe class SynapseForward<V> where V : struct, ILanes<V>
{
    /// <summary>
    /// F' = clamp(keep·F + (rate·p) ⊗ q ∘ α), and y ← y + (W + F')ᵀx, in one pass. <paramref name="to"/> may be
    /// <paramref name="from"/>.
    /// </summary>
    public static void UpdateApply<TClamp>(
        float* w, float* alpha, float* from, float* to, int stride, int rows,
        float keep, float* ratedP, float* q, float bound, float* x, float* y)
        where TClamp : struct, IChoice
    {
        var k = V.Splat(keep);
        V high = V.Splat(bound), low = V.Splat(-bound);
        for (var i = 0; i < rows; i += 4)
        {
            V p0 = V.Splat(ratedP[i]), p1 = V.Splat(ratedP[i + 1]), p2 = V.Splat(ratedP[i + 2]), p3 = V.Splat(ratedP[i + 3]);
            V x0 = V.Splat(x[i]), x1 = V.Splat(x[i + 1]), x2 = V.Splat(x[i + 2]), x3 = V.Splat(x[i + 3]);
            float* w0 = w + (long)i * stride, a0 = alpha + (long)i * stride, f0 = from + (long)i * stride, t0 = to + (long)i * stride;
            float* w2 = w0 + 2 * stride, a2 = a0 + 2 * stride, f2 = f0 + 2 * stride, t2 = t0 + 2 * stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var qj = V.Load(q + j);
                var sum = V.Load(y + j);
                var f = Moved<TClamp>(k, V.Load(f0 + j), p0, V.Load(a0 + j), qj, low, high);
                f.Store(t0 + j);
                sum = V.Fma(x0, V.Load(w0 + j) + f, sum);
                f = Moved<TClamp>(k, V.Load(f0 + stride + j), p1, V.Load(a0 + stride + j), qj, low, high);
                f.Store(t0 + stride + j);
                sum = V.Fma(x1, V.Load(w0 + stride + j) + f, sum);
                f = Moved<TClamp>(k, V.Load(f2 + j), p2, V.Load(a2 + j), qj, low, high);
                f.Store(t2 + j);
                sum = V.Fma(x2, V.Load(w2 + j) + f, sum);
                f = Moved<TClamp>(k, V.Load(f2 + stride + j), p3, V.Load(a2 + stride + j), qj, low, high);
                f.Store(t2 + stride + j);
                sum = V.Fma(x3, V.Load(w2 + stride + j) + f, sum);
                sum.Store(y + j);
            }
        }
    }

    /// <summary>F' alone, as <see cref="UpdateApply"/> computes it; <paramref name="to"/> may be <paramref name="from"/>.</summary>
    public static void Move<TClamp>(
        float* alpha, float* from, float* to, int stride, int rows, float keep, float* ratedP, float* q, float bound)
        where TClamp : struct, IChoice
    {
        var k = V.Splat(keep);
        V high = V.Splat(bound), low = V.Splat(-bound);
        for (var i = 0; i < rows; i += 2)
        {
            V p0 = V.Splat(ratedP[i]), p1 = V.Splat(ratedP[i + 1]);
            float* a0 = alpha + (long)i * stride, f0 = from + (long)i * stride, t0 = to + (long)i * stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var qj = V.Load(q + j);
                Moved<TClamp>(k, V.Load(f0 + j), p0, V.Load(a0 + j), qj, low, high).Store(t0 + j);
                Moved<TClamp>(k, V.Load(f0 + stride + j), p1, V.Load(a0 + stride + j), qj, low, high).Store(t0 + stride + j);
            }
        }
    }

    /// <summary>One row's share of F' = keep·F + Σ (rate·p) ⊗ q ∘ α before the clamp: adds a pair to what is there.</summary>
    public static void AddPair(float* alpha, float* fast, int stride, int rows, float* ratedP, float* q)
    {
        for (var i = 0; i < rows; i++)
        {
            var p = V.Splat(ratedP[i]);
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var at = i * stride + j;
                V.Fma(p, V.Load(alpha + at) * V.Load(q + j), V.Load(fast + at)).Store(fast + at);
            }
        }
    }

    /// <summary>F' = keep·F.</summary>
    public static void Decay(float* from, float* to, int count, float keep)
    {
        var k = V.Splat(keep);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            (k * V.Load(from + i)).Store(to + i);
        }
    }

    /// <summary>F ← F limited to ±bound.</summary>
    public static void Clamp(float* fast, int count, float bound)
    {
        V high = V.Splat(bound), low = V.Splat(-bound);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            V.Min(V.Max(V.Load(fast + i), low), high).Store(fast + i);
        }
    }

    /// <summary>y ← y + (W + F)ᵀx; without F, y ← y + Wᵀx.</summary>
    public static void Apply<TFast>(float* w, float* fast, int stride, int rows, float* x, float* y)
        where TFast : struct, IChoice
    {
        for (var i = 0; i < rows; i += 4)
        {
            V x0 = V.Splat(x[i]), x1 = V.Splat(x[i + 1]), x2 = V.Splat(x[i + 2]), x3 = V.Splat(x[i + 3]);
            float* w0 = w + (long)i * stride, f0 = fast + (long)i * stride;
            float* w2 = w0 + 2 * stride, f2 = f0 + 2 * stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var sum = V.Load(y + j);
                sum = V.Fma(x0, Weight<TFast>(w0, f0, j), sum);
                sum = V.Fma(x1, Weight<TFast>(w0, f0, stride + j), sum);
                sum = V.Fma(x2, Weight<TFast>(w2, f2, j), sum);
                sum = V.Fma(x3, Weight<TFast>(w2, f2, stride + j), sum);
                sum.Store(y + j);
            }
        }
    }

    /// <summary>u_i = Σ_j (W + F)_ij v_j; without F, of W alone.</summary>
    public static void ApplyT<TFast>(float* w, float* fast, int stride, int rows, float* v, float* u)
        where TFast : struct, IChoice
    {
        for (var i = 0; i < rows; i += 4)
        {
            float* w0 = w + (long)i * stride, f0 = fast + (long)i * stride;
            float* w2 = w0 + 2 * stride, f2 = f0 + 2 * stride;
            V u0 = V.Zero, u1 = V.Zero, u2 = V.Zero, u3 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var vj = V.Load(v + j);
                u0 = V.Fma(Weight<TFast>(w0, f0, j), vj, u0);
                u1 = V.Fma(Weight<TFast>(w0, f0, stride + j), vj, u1);
                u2 = V.Fma(Weight<TFast>(w2, f2, j), vj, u2);
                u3 = V.Fma(Weight<TFast>(w2, f2, stride + j), vj, u3);
            }
            Lanes.Sum4(u0, u1, u2, u3).Store(u + i);
        }
    }

    /// <summary>keep·F + p·(α∘q), clamped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Moved<TClamp>(V keep, V fast, V ratedP, V alpha, V q, V low, V high) where TClamp : struct, IChoice
    {
        var moved = V.Fma(ratedP, alpha * q, keep * fast);
        return TClamp.Taken ? V.Min(V.Max(moved, low), high) : moved;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Weight<TFast>(float* w, float* fast, int at) where TFast : struct, IChoice =>
        TFast.Taken ? V.Load(w + at) + V.Load(fast + at) : V.Load(w + at);
}
