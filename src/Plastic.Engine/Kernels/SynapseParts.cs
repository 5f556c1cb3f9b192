using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>Updates and their adjoints in parts, a pass over F for each: for synapses whose fast weights are clamped.</summary>
internal static unsafe class SynapseParts<V> where V : struct, ILanes<V>
{
    /// <summary>F ← F + (rate·p) ⊗ q ∘ α: one pair of an update.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decay(float* from, float* to, int count, float keep)
    {
        var k = V.Splat(keep);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            (k * V.Load(from + i)).Store(to + i);
        }
    }

    /// <summary>F ← F limited to ±bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clamp(float* fast, int count, float bound)
    {
        V high = V.Splat(bound), low = V.Splat(-bound);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            V.Min(V.Max(V.Load(fast + i), low), high).Store(fast + i);
        }
    }

    /// <summary>F̄ ← F̄ + x ⊗ y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddOuter(float* bar, int stride, int rows, float* x, float* y)
    {
        for (var i = 0; i < rows; i++)
        {
            var xi = V.Splat(x[i]);
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var at = i * stride + j;
                V.Fma(xi, V.Load(y + j), V.Load(bar + at)).Store(bar + at);
            }
        }
    }

    /// <summary>F̄ ← 0 where F, moved and not yet clamped, is at or beyond the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mask(float* bar, float* moved, int count, float bound)
    {
        var limit = V.Splat(bound);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            V.SelectLess(V.Abs(V.Load(moved + i)), limit, V.Load(bar + i), V.Zero).Store(bar + i);
        }
    }

    /// <summary>One pair's part of the adjoint: ᾱ and the sums for p̄, q̄, ratē.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PairAdjoint(
        float* alpha, float* alphaBar, float* bar, int stride, int rows, float* p, float* ratedP, float* q,
        float* rowSums, float* columnSums)
    {
        for (var i = 0; i < rows; i++)
        {
            V pi = V.Splat(p[i]), rated = V.Splat(ratedP[i]), sum = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var at = i * stride + j;
                V a = V.Load(alpha + at), g = V.Load(bar + at);
                var gq = g * V.Load(q + j);
                sum = V.Fma(a, gq, sum);
                V.Fma(gq, rated, V.Load(alphaBar + at)).Store(alphaBar + at);
                V.Fma(a * g, pi, V.Load(columnSums + j)).Store(columnSums + j);
            }
            rowSums[i] = Lanes.Sum(sum);
        }
    }
}
