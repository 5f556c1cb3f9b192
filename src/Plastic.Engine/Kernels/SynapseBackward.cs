using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// The backward pass over a block of rows of one sample, from step t to the update at the end of step t − 1: what step t
/// adds to F̄, the product that step t still owes to its input, and the adjoint of the update.
/// </summary>
internal static unsafe class SynapseBackward<V> where V : struct, ILanes<V>
{
    /// <summary>What one call reads and writes; rows in pairs, as in <see cref="SynapseForward{V}"/>.</summary>
    internal struct Block
    {
        /// <summary>α and ᾱ at the block's first row.</summary>
        public float* Alpha, AlphaBar;

        /// <summary>F before the update, and F̄: in, of F after it, less step t's pairs; out, of F before it.</summary>
        public float* Fast, FastBar;

        public int Stride, Rows;

        /// <summary>The update's keep, p, rate·p, q and bound.</summary>
        public float Keep, Bound;
        public float* P, RatedP, Q;

        /// <summary>The pairs x ⊗ y of step t.</summary>
        public float* X0, Y0, X1, Y1;

        /// <summary>The product u = (W + F)v of step t, F being that after the update.</summary>
        public float* W, V, U;

        /// <summary>Out: Σ_j (α∘F̄)_ij q_j per row; adds to Σ_i (α∘F̄)_ij p_i and, lane by lane, to Σ F̄∘F.</summary>
        public float* RowSums, ColumnSums, KeepSums;
    }

    /// <summary>One pass: Σ x ⊗ y joins F̄; u; ᾱ; the sums for p̄, q̄, ratē and keep̄; F̄ ← keep·F̄.</summary>
    /// <typeparam name="TClamp">Whether F is clamped.</typeparam>
    /// <typeparam name="TSecond">Whether there is a second pair.</typeparam>
    /// <typeparam name="TProduct">Whether u is wanted.</typeparam>
    public static void Adjoint<TClamp, TSecond, TProduct>(in Block b)
        where TClamp : struct, IChoice
        where TSecond : struct, IChoice
        where TProduct : struct, IChoice
    {
        var stride = b.Stride;
        V keep = V.Splat(b.Keep), high = V.Splat(b.Bound), low = V.Splat(-b.Bound);
        V keeps0 = V.Load(b.KeepSums), keeps1 = V.Zero;
        float* q = b.Q, columnSums = b.ColumnSums, y = b.Y0, z = b.Y1, v = b.V;
        for (var i = 0; i < b.Rows; i += 2)
        {
            V p0 = V.Splat(b.P[i]), p1 = V.Splat(b.P[i + 1]);
            V s0 = V.Splat(b.RatedP[i]), s1 = V.Splat(b.RatedP[i + 1]);
            V x0 = V.Splat(b.X0[i]), x1 = V.Splat(b.X0[i + 1]);
            V z0 = TSecond.Taken ? V.Splat(b.X1[i]) : V.Zero, z1 = TSecond.Taken ? V.Splat(b.X1[i + 1]) : V.Zero;
            V sum0 = V.Zero, sum1 = V.Zero, u0 = V.Zero, u1 = V.Zero;
            var start = (long)i * stride;
            float* alpha = b.Alpha + start, alphaBar = b.AlphaBar + start, fast = b.Fast + start, bar = b.FastBar + start;
            float* alpha1 = alpha + stride, alphaBar1 = alphaBar + stride, fast1 = fast + stride, bar1 = bar + stride;
            float* w = b.W + start, w1 = w + stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var qj = V.Load(q + j);
                var columns = V.Load(columnSums + j);
                V yj = V.Load(y + j), zj = TSecond.Taken ? V.Load(z + j) : V.Zero;

                V a = V.Load(alpha + j), f = V.Load(fast + j);
                var g = Joined<TSecond>(V.Load(bar + j), x0, yj, z0, zj);
                if (TClamp.Taken || TProduct.Taken)
                {
                    var moved = SynapseForward<V>.Moved<No>(keep, f, s0, a, qj, low, high);
                    u0 = TProduct.Taken ? V.Fma(V.Load(w + j) + Clamped<TClamp>(moved, low, high), V.Load(v + j), u0) : u0;
                    g = TClamp.Taken ? V.SelectLess(V.Abs(moved), high, g, V.Zero) : g;
                }
                var gq = g * qj;
                sum0 = V.Fma(a, gq, sum0);
                V.Fma(gq, s0, V.Load(alphaBar + j)).Store(alphaBar + j);
                columns = V.Fma(a * g, p0, columns);
                keeps0 = V.Fma(g, f, keeps0);
                (keep * g).Store(bar + j);

                a = V.Load(alpha1 + j);
                f = V.Load(fast1 + j);
                g = Joined<TSecond>(V.Load(bar1 + j), x1, yj, z1, zj);
                if (TClamp.Taken || TProduct.Taken)
                {
                    var moved = SynapseForward<V>.Moved<No>(keep, f, s1, a, qj, low, high);
                    u1 = TProduct.Taken ? V.Fma(V.Load(w1 + j) + Clamped<TClamp>(moved, low, high), V.Load(v + j), u1) : u1;
                    g = TClamp.Taken ? V.SelectLess(V.Abs(moved), high, g, V.Zero) : g;
                }
                gq = g * qj;
                sum1 = V.Fma(a, gq, sum1);
                V.Fma(gq, s1, V.Load(alphaBar1 + j)).Store(alphaBar1 + j);
                columns = V.Fma(a * g, p1, columns);
                keeps1 = V.Fma(g, f, keeps1);
                (keep * g).Store(bar1 + j);

                columns.Store(columnSums + j);
            }
            b.RowSums[i] = Lanes.Sum(sum0);
            b.RowSums[i + 1] = Lanes.Sum(sum1);
            if (TProduct.Taken)
            {
                b.U[i] = Lanes.Sum(u0);
                b.U[i + 1] = Lanes.Sum(u1);
            }
        }
        (keeps0 + keeps1).Store(b.KeepSums);
    }

    /// <summary>F̄ ← F̄ + x ⊗ y.</summary>
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
    public static void Mask(float* bar, float* moved, int count, float bound)
    {
        var limit = V.Splat(bound);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            V.SelectLess(V.Abs(V.Load(moved + i)), limit, V.Load(bar + i), V.Zero).Store(bar + i);
        }
    }

    /// <summary>One pair's part of the adjoint, for updates that do not have exactly one: ᾱ and the sums for p̄, q̄, ratē.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Joined<TSecond>(V bar, V x0, V y0, V x1, V y1) where TSecond : struct, IChoice
    {
        bar = V.Fma(x0, y0, bar);
        return TSecond.Taken ? V.Fma(x1, y1, bar) : bar;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Clamped<TClamp>(V moved, V low, V high) where TClamp : struct, IChoice =>
        TClamp.Taken ? V.Min(V.Max(moved, low), high) : moved;
}
