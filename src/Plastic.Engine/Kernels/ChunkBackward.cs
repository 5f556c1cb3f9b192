using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// A chunk's backward pass: F̄ from its end to its start, and ᾱ of all its updates, in registers, a few elements at a time. The update
/// F(u+1) = keep_u·F(u) + rate_u·α∘Σ p_u ⊗ q_u has the adjoint ᾱ += rate_u·(Σ p_u ⊗ q_u)∘F̄(u+1) and F̄(u) = keep_u·F̄(u+1), to which step u
/// itself adds the pairs x_u ⊗ y_u of its products with F(u). Elements do not mix, so each is carried through the whole chunk at once:
/// ᾱ and F̄ are read and written once a chunk, instead of once a step.
/// </summary>
internal unsafe ref struct ChunkBackward<V> where V : struct, ILanes<V>
{
    /// <summary>ᾱ [rows, stride], added to.</summary>
    public float* AlphaBar;

    /// <summary>F̄ at the chunk's end, null for zero; and where F̄ at its start goes, null if it is not needed.</summary>
    public float* From, To;

    /// <summary>Floats of a row, and rows: a multiple of two.</summary>
    public int Stride, Rows;

    /// <summary>Steps of the chunk.</summary>
    public int Count;

    /// <summary>keep and rate of the update at the end of each step.</summary>
    public ReadOnlySpan<float> Keeps, Rates;

    /// <summary>The pairs of the updates, and those that the steps add to F̄.</summary>
    public ReadOnlySpan<PairSeries> Updates, Gradients;

    /// <summary>For u from the last step to the first: ᾱ ← ᾱ + rate_u·(Σ p_u ⊗ q_u)∘F̄, then F̄ ← keep_u·F̄ + Σ x_u ⊗ y_u.</summary>
    public readonly void Run()
    {
        var j = 0;
        for (; V.HoldsTiles && j <= Stride - 4 * Lanes.Count; j += 4 * Lanes.Count)
        {
            for (var i = 0; i < Rows; i += 2)
            {
                Four(i, j);
            }
        }
        for (; j < Stride; j += Lanes.Count)
        {
            for (var i = 0; i < Rows; i += 2)
            {
                One(i, j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Four(int i, int j)
    {
        var at = (long)i * Stride + j;
        float* first = AlphaBar + at, second = first + Stride;
        V a0 = V.Load(first), a1 = V.Load(first + Lanes.Second), a2 = V.Load(first + Lanes.Third), a3 = V.Load(first + Lanes.Fourth);
        V b0 = V.Load(second), b1 = V.Load(second + Lanes.Second), b2 = V.Load(second + Lanes.Third), b3 = V.Load(second + Lanes.Fourth);
        V f0 = Start(at), f1 = Start(at + Lanes.Second), f2 = Start(at + Lanes.Third), f3 = Start(at + Lanes.Fourth);
        var below = at + Stride;
        V g0 = Start(below), g1 = Start(below + Lanes.Second), g2 = Start(below + Lanes.Third), g3 = Start(below + Lanes.Fourth);
        for (var u = Count - 1; u >= 0; u--)
        {
            var rate = Rates[u];
            foreach (ref readonly var pair in Updates)
            {
                float* p = pair.P[u] + i, q = pair.Q[u] + j;
                V x = V.Splat(rate * p[0]), y = V.Splat(rate * p[1]);
                V q0 = V.Load(q), q1 = V.Load(q + Lanes.Second), q2 = V.Load(q + Lanes.Third), q3 = V.Load(q + Lanes.Fourth);
                a0 = V.Fma(f0 * q0, x, a0);
                a1 = V.Fma(f1 * q1, x, a1);
                a2 = V.Fma(f2 * q2, x, a2);
                a3 = V.Fma(f3 * q3, x, a3);
                b0 = V.Fma(g0 * q0, y, b0);
                b1 = V.Fma(g1 * q1, y, b1);
                b2 = V.Fma(g2 * q2, y, b2);
                b3 = V.Fma(g3 * q3, y, b3);
            }
            var keep = V.Splat(Keeps[u]);
            f0 = keep * f0;
            f1 = keep * f1;
            f2 = keep * f2;
            f3 = keep * f3;
            g0 = keep * g0;
            g1 = keep * g1;
            g2 = keep * g2;
            g3 = keep * g3;
            foreach (ref readonly var pair in Gradients)
            {
                float* p = pair.P[u] + i, q = pair.Q[u] + j;
                V x = V.Splat(p[0]), y = V.Splat(p[1]);
                V q0 = V.Load(q), q1 = V.Load(q + Lanes.Second), q2 = V.Load(q + Lanes.Third), q3 = V.Load(q + Lanes.Fourth);
                f0 = V.Fma(x, q0, f0);
                f1 = V.Fma(x, q1, f1);
                f2 = V.Fma(x, q2, f2);
                f3 = V.Fma(x, q3, f3);
                g0 = V.Fma(y, q0, g0);
                g1 = V.Fma(y, q1, g1);
                g2 = V.Fma(y, q2, g2);
                g3 = V.Fma(y, q3, g3);
            }
        }
        Store(first, a0, a1, a2, a3);
        Store(second, b0, b1, b2, b3);
        if (To != null)
        {
            Store(To + at, f0, f1, f2, f3);
            Store(To + below, g0, g1, g2, g3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One(int i, int j)
    {
        var at = (long)i * Stride + j;
        var below = at + Stride;
        V a = V.Load(AlphaBar + at), b = V.Load(AlphaBar + below), f = Start(at), g = Start(below);
        for (var u = Count - 1; u >= 0; u--)
        {
            var rate = Rates[u];
            foreach (ref readonly var pair in Updates)
            {
                var p = pair.P[u] + i;
                var q = V.Load(pair.Q[u] + j);
                a = V.Fma(f * q, V.Splat(rate * p[0]), a);
                b = V.Fma(g * q, V.Splat(rate * p[1]), b);
            }
            var keep = V.Splat(Keeps[u]);
            f = keep * f;
            g = keep * g;
            foreach (ref readonly var pair in Gradients)
            {
                var p = pair.P[u] + i;
                var q = V.Load(pair.Q[u] + j);
                f = V.Fma(V.Splat(p[0]), q, f);
                g = V.Fma(V.Splat(p[1]), q, g);
            }
        }
        a.Store(AlphaBar + at);
        b.Store(AlphaBar + below);
        if (To != null)
        {
            f.Store(To + at);
            g.Store(To + below);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V Start(long at) => From == null ? V.Zero : V.Load(From + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, V a, V b, V c, V d)
    {
        a.Store(to);
        b.Store(to + Lanes.Second);
        c.Store(to + Lanes.Third);
        d.Store(to + Lanes.Fourth);
    }
}
