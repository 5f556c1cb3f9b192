using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// The backward pass over a block of rows of one sample. F̄(t), the cotangent of F at the start of step t, is
/// keep(t)·F̄(t+1) + x(t) ⊗ y(t), with a second pair z for rules that use a synapse twice. Like F it is seldom stored: it
/// is c·F̄(s) + Σ x_u ⊗ y_u, with F̄(s) stored at most <see cref="Panels.Depth"/> steps later.
/// </summary>
internal static unsafe class SynapseBackward<V> where V : struct, ILanes<V>
{
    /// <summary>What one step reads and writes.</summary>
    internal struct Block
    {
        /// <summary>At the block's first row: W, α, the stored F(k), the stored F̄(s).</summary>
        public float* W, Alpha, Fast, FastBar;

        public int Stride;
        public Sweep Rows;

        /// <summary>d of F(t − 1), keep of the update at the end of step t − 1, c of F̄(t).</summary>
        public float Decay, Keep, BarDecay;

        /// <summary>
        /// Slots: the pairs of F(t − 1) at History, the scaled pairs x ⊗ y of F̄(t) at Joins and Second; the update's p, rate·p
        /// and q; and v.
        /// </summary>
        public Panels Pairs;

        /// <summary>Out: the product u = (W + F(t))v.</summary>
        public float* U;

        /// <summary>Out: Σ_j (α∘F̄)_ij q_j per row; adds to Σ_i (α∘F̄)_ij p_i and, lane by lane, to Σ F̄∘F.</summary>
        public float* RowSums, ColumnSums, KeepSums;
    }

    /// <summary>
    /// The sums that the adjoint of the update at the end of step t − 1 consists of, and the product that step t owes to its
    /// input, in one pass that writes nothing else.
    /// </summary>
    /// <typeparam name="TMoves">Updates from F(k) to F(t − 1).</typeparam>
    /// <typeparam name="TJoins">Steps from F̄(t) to F̄(s).</typeparam>
    /// <typeparam name="TSecond">Whether each has a second pair.</typeparam>
    /// <typeparam name="TProduct">Whether u is wanted.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adjoint<TMoves, TJoins, TSecond, TProduct>(in Block b)
        where TMoves : struct, ICount
        where TJoins : struct, ICount
        where TSecond : struct, IChoice
        where TProduct : struct, IChoice
    {
        int stride = b.Stride, step = b.Pairs.RowStep;
        V decay = V.Splat(b.Decay), keep = V.Splat(b.Keep), barDecay = V.Splat(b.BarDecay);
        V keeps0 = V.Load(b.KeepSums), keeps1 = V.Zero;
        var columnSums = b.ColumnSums;
        var (i, end, on) = b.Rows.By(2);
        for (; i != end; i += on)
        {
            var r = b.Pairs.Rows + i;
            V h0 = History<TMoves>(r, step, 0), h1 = History<TMoves>(r, step, 1), h2 = History<TMoves>(r, step, 2);
            V x0 = Join<TJoins>(r, step, 0), x1 = Join<TJoins>(r, step, 1), x2 = Join<TJoins>(r, step, 2), x3 = Join<TJoins>(r, step, 3);
            V z0 = Second<TJoins, TSecond>(r, step, 0), z1 = Second<TJoins, TSecond>(r, step, 1);
            V z2 = Second<TJoins, TSecond>(r, step, 2), z3 = Second<TJoins, TSecond>(r, step, 3);
            V p = V.Splat(r[Panels.P * step]), rated = V.Splat(r[Panels.Rated * step]);
            r++;
            V i0 = History<TMoves>(r, step, 0), i1 = History<TMoves>(r, step, 1), i2 = History<TMoves>(r, step, 2);
            V c0 = Join<TJoins>(r, step, 0), c1 = Join<TJoins>(r, step, 1), c2 = Join<TJoins>(r, step, 2), c3 = Join<TJoins>(r, step, 3);
            V d0 = Second<TJoins, TSecond>(r, step, 0), d1 = Second<TJoins, TSecond>(r, step, 1);
            V d2 = Second<TJoins, TSecond>(r, step, 2), d3 = Second<TJoins, TSecond>(r, step, 3);
            V p1 = V.Splat(r[Panels.P * step]), rated1 = V.Splat(r[Panels.Rated * step]);

            V sum0 = V.Zero, sum1 = V.Zero, u0 = V.Zero, u1 = V.Zero, moved0 = V.Zero, moved1 = V.Zero;
            var start = (long)i * stride;
            float* w = b.W + start, alpha = b.Alpha + start, fast = b.Fast + start, bar = b.FastBar + start;
            float* w1 = w + stride, alpha1 = alpha + stride, fast1 = fast + stride, bar1 = bar + stride;
            var at = b.Pairs.Columns;
            for (var j = 0; j < stride; j += Lanes.Count, at += Panels.Width)
            {
                var q = V.Load(at + Panels.Q * Lanes.Count);
                V v = V.Zero, qv = V.Zero;
                if (TProduct.Taken)
                {
                    v = V.Load(at + Panels.V * Lanes.Count);
                    qv = q * v;
                }

                var a = V.Load(alpha + j);
                var f = Past<TMoves>(decay, V.Load(fast + j), a, h0, h1, h2, at);
                var g = Joined<TJoins, TSecond>(barDecay * V.Load(bar + j), x0, x1, x2, x3, z0, z1, z2, z3, at);
                if (TProduct.Taken)
                {
                    u0 = V.Fma(V.Fma(keep, f, V.Load(w + j)), v, u0);
                    moved0 = V.Fma(a, qv, moved0);
                }
                keeps0 = V.Fma(g, f, keeps0);
                g = a * g;
                sum0 = V.Fma(g, q, sum0);
                var columns = V.Fma(g, p, V.Load(columnSums + j));

                a = V.Load(alpha1 + j);
                f = Past<TMoves>(decay, V.Load(fast1 + j), a, i0, i1, i2, at);
                g = Joined<TJoins, TSecond>(barDecay * V.Load(bar1 + j), c0, c1, c2, c3, d0, d1, d2, d3, at);
                if (TProduct.Taken)
                {
                    u1 = V.Fma(V.Fma(keep, f, V.Load(w1 + j)), v, u1);
                    moved1 = V.Fma(a, qv, moved1);
                }
                keeps1 = V.Fma(g, f, keeps1);
                g = a * g;
                sum1 = V.Fma(g, q, sum1);
                V.Fma(g, p1, columns).Store(columnSums + j);
            }
            // F(t)v = keep·F(t − 1)v + rate·p·(α(q∘v)).
            var sums = TProduct.Taken
                ? Lanes.Sum4(sum0, sum1, V.Fma(rated, moved0, u0), V.Fma(rated1, moved1, u1))
                : Lanes.Sum4(sum0, sum1, sum0, sum1);
            sums.GetLower().Store(b.RowSums + i);
            if (TProduct.Taken)
            {
                sums.GetUpper().Store(b.U + i);
            }
        }
        (keeps0 + keeps1).Store(b.KeepSums);
    }

    /// <summary>What brings stored cotangents up to date.</summary>
    internal struct Arrears
    {
        /// <summary>At the block's first row.</summary>
        public float* AlphaBar, FastBar;

        public int Stride;
        public Sweep Rows;

        /// <summary>keep of step t + k for k = 0, 1, ….</summary>
        public fixed float Keeps[Panels.Depth];

        /// <summary>
        /// Slots: x and y, not scaled, of step t + k at Joins and Second; rate·p and q of the update at the end of step t + k − 1 at
        /// History.
        /// </summary>
        public Panels Pairs;
    }

    /// <summary>F̄ from that of step s to that of step t, and ᾱ of all updates between: the only pass that writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Settle<TJoins, TSecond>(in Arrears b)
        where TJoins : struct, ICount
        where TSecond : struct, IChoice
    {
        int stride = b.Stride, step = b.Pairs.RowStep;
        V k0 = V.Splat(b.Keeps[0]), k1 = V.Splat(b.Keeps[1]), k2 = V.Splat(b.Keeps[2]), k3 = V.Splat(b.Keeps[3]);
        var (i, end, on) = b.Rows.By(1);
        for (; i != end; i += on)
        {
            var r = b.Pairs.Rows + i;
            V s0 = Rated<TJoins>(r, step, 0), s1 = Rated<TJoins>(r, step, 1), s2 = Rated<TJoins>(r, step, 2), s3 = Rated<TJoins>(r, step, 3);
            V x0 = Join<TJoins>(r, step, 0), x1 = Join<TJoins>(r, step, 1), x2 = Join<TJoins>(r, step, 2), x3 = Join<TJoins>(r, step, 3);
            V z0 = Second<TJoins, TSecond>(r, step, 0), z1 = Second<TJoins, TSecond>(r, step, 1);
            V z2 = Second<TJoins, TSecond>(r, step, 2), z3 = Second<TJoins, TSecond>(r, step, 3);
            var start = (long)i * stride;
            float* alphaBar = b.AlphaBar + start, bar = b.FastBar + start;
            var at = b.Pairs.Columns;
            for (var j = 0; j < stride; j += Lanes.Count, at += Panels.Width)
            {
                V g = V.Load(bar + j), sum = V.Load(alphaBar + j);
                Back<TJoins, TSecond>(3, ref g, ref sum, k3, x3, z3, s3, at);
                Back<TJoins, TSecond>(2, ref g, ref sum, k2, x2, z2, s2, at);
                Back<TJoins, TSecond>(1, ref g, ref sum, k1, x1, z1, s1, at);
                Back<TJoins, TSecond>(0, ref g, ref sum, k0, x0, z0, s0, at);
                g.Store(bar + j);
                sum.Store(alphaBar + j);
            }
        }
    }

    /// <summary>One step back: F̄ ← keep·F̄ + x ⊗ y (+ z ⊗ y'), ᾱ ← ᾱ + (rate·p ⊗ q)∘F̄.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Back<TJoins, TSecond>(int k, ref V g, ref V sum, V keep, V x, V z, V rated, float* at)
        where TJoins : struct, ICount
        where TSecond : struct, IChoice
    {
        if (TJoins.Value <= k)
        {
            return;
        }
        g = V.Fma(x, V.Load(at + (Panels.Joins + k) * Lanes.Count), keep * g);
        if (TSecond.Taken)
        {
            g = V.Fma(z, V.Load(at + (Panels.Second + k) * Lanes.Count), g);
        }
        sum = V.Fma(g * V.Load(at + (Panels.History + k) * Lanes.Count), rated, sum);
    }

    /// <summary>F(t − 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Past<TMoves>(V decay, V fast, V alpha, V h0, V h1, V h2, float* at) where TMoves : struct, ICount =>
        SynapseForward<V>.Moved<TMoves>(
            decay, fast, alpha, h0, h1, h2, V.Zero, SynapseForward<V>.Column<TMoves>(at, 0),
            SynapseForward<V>.Column<TMoves>(at, 1), SynapseForward<V>.Column<TMoves>(at, 2), V.Zero);

    /// <summary>F̄(t).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Joined<TJoins, TSecond>(V bar, V x0, V x1, V x2, V x3, V z0, V z1, V z2, V z3, float* at)
        where TJoins : struct, ICount
        where TSecond : struct, IChoice
    {
        bar = Add<TJoins, Yes>(bar, x0, at, 0, Panels.Joins);
        bar = Add<TJoins, Yes>(bar, x1, at, 1, Panels.Joins);
        bar = Add<TJoins, Yes>(bar, x2, at, 2, Panels.Joins);
        bar = Add<TJoins, Yes>(bar, x3, at, 3, Panels.Joins);
        bar = Add<TJoins, TSecond>(bar, z0, at, 0, Panels.Second);
        bar = Add<TJoins, TSecond>(bar, z1, at, 1, Panels.Second);
        bar = Add<TJoins, TSecond>(bar, z2, at, 2, Panels.Second);
        return Add<TJoins, TSecond>(bar, z3, at, 3, Panels.Second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Add<TJoins, TTaken>(V bar, V x, float* at, int k, int slot)
        where TJoins : struct, ICount
        where TTaken : struct, IChoice =>
        TTaken.Taken && TJoins.Value > k ? V.Fma(x, V.Load(at + (slot + k) * Lanes.Count), bar) : bar;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V History<TMoves>(float* rows, int step, int k) where TMoves : struct, ICount =>
        SynapseForward<V>.Row<TMoves>(rows + Panels.History * step, step, k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Rated<TJoins>(float* rows, int step, int k) where TJoins : struct, ICount =>
        SynapseForward<V>.Row<TJoins>(rows + Panels.History * step, step, k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Join<TJoins>(float* rows, int step, int k) where TJoins : struct, ICount =>
        SynapseForward<V>.Row<TJoins>(rows + Panels.Joins * step, step, k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Second<TJoins, TSecond>(float* rows, int step, int k)
        where TJoins : struct, ICount
        where TSecond : struct, IChoice =>
        TSecond.Taken ? SynapseForward<V>.Row<TJoins>(rows + Panels.Second * step, step, k) : V.Zero;
}
