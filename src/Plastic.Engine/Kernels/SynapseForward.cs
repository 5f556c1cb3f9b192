using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// Products with a synapse over a block of rows of one sample. Rows come in fours (the plan pads matrices with zero rows),
/// each of <c>stride</c> floats, a whole number of vectors. Each output element is a chain of fused multiply-adds in the
/// order of the rows as they are swept, so that blocks and vector widths leave no trace in the bits.
///
/// F at the start of a step is seldom stored. It is d·F(k) + α∘Σ p_u ⊗ q_u, with F(k) stored at most
/// <see cref="Panels.Depth"/> steps before and one pair for each step since, and is put together in registers where it is
/// read: in the steady state that is cheaper than to write it and read it back.
/// </summary>
internal static unsafe class SynapseForward<V> where V : struct, ILanes<V>
{
    /// <summary>y ← y + (W + F)ᵀx with F stored; without F, y ← y + Wᵀx.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>u_i = Σ_j (W + F)_ij v_j with F stored; without F, of W alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>
    /// y ← y + Wᵀx of four samples, with the bits of <see cref="Apply"/>: W is read once for all of them. Their x and y are so
    /// many floats apart.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyFour(float* w, int stride, int rows, float* x, int xStep, float* y, int yStep)
    {
        float* y1 = y + yStep, y2 = y1 + yStep, y3 = y2 + yStep;
        for (var i = 0; i < rows; i += 4)
        {
            float* a = x + i, b = a + xStep, c = b + xStep, d = c + xStep;
            V a0 = V.Splat(a[0]), a1 = V.Splat(a[1]), a2 = V.Splat(a[2]), a3 = V.Splat(a[3]);
            V b0 = V.Splat(b[0]), b1 = V.Splat(b[1]), b2 = V.Splat(b[2]), b3 = V.Splat(b[3]);
            V c0 = V.Splat(c[0]), c1 = V.Splat(c[1]), c2 = V.Splat(c[2]), c3 = V.Splat(c[3]);
            V d0 = V.Splat(d[0]), d1 = V.Splat(d[1]), d2 = V.Splat(d[2]), d3 = V.Splat(d[3]);
            float* r0 = w + (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                V w0 = V.Load(r0 + j), w1 = V.Load(r1 + j), w2 = V.Load(r2 + j), w3 = V.Load(r3 + j);
                V.Fma(a3, w3, V.Fma(a2, w2, V.Fma(a1, w1, V.Fma(a0, w0, V.Load(y + j))))).Store(y + j);
                V.Fma(b3, w3, V.Fma(b2, w2, V.Fma(b1, w1, V.Fma(b0, w0, V.Load(y1 + j))))).Store(y1 + j);
                V.Fma(c3, w3, V.Fma(c2, w2, V.Fma(c1, w1, V.Fma(c0, w0, V.Load(y2 + j))))).Store(y2 + j);
                V.Fma(d3, w3, V.Fma(d2, w2, V.Fma(d1, w1, V.Fma(d0, w0, V.Load(y3 + j))))).Store(y3 + j);
            }
        }
    }

    /// <summary>u = Wv of four samples, with the bits of <see cref="ApplyT"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyTFour(float* w, int stride, int rows, float* v, int vStep, float* u, int uStep)
    {
        float* v1 = v + vStep, v2 = v1 + vStep, v3 = v2 + vStep;
        for (var i = 0; i < rows; i += 4)
        {
            float* r0 = w + (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero, b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
            V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero, d0 = V.Zero, d1 = V.Zero, d2 = V.Zero, d3 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                V w0 = V.Load(r0 + j), w1 = V.Load(r1 + j), w2 = V.Load(r2 + j), w3 = V.Load(r3 + j);
                var x = V.Load(v + j);
                a0 = V.Fma(w0, x, a0);
                a1 = V.Fma(w1, x, a1);
                a2 = V.Fma(w2, x, a2);
                a3 = V.Fma(w3, x, a3);
                x = V.Load(v1 + j);
                b0 = V.Fma(w0, x, b0);
                b1 = V.Fma(w1, x, b1);
                b2 = V.Fma(w2, x, b2);
                b3 = V.Fma(w3, x, b3);
                x = V.Load(v2 + j);
                c0 = V.Fma(w0, x, c0);
                c1 = V.Fma(w1, x, c1);
                c2 = V.Fma(w2, x, c2);
                c3 = V.Fma(w3, x, c3);
                x = V.Load(v3 + j);
                d0 = V.Fma(w0, x, d0);
                d1 = V.Fma(w1, x, d1);
                d2 = V.Fma(w2, x, d2);
                d3 = V.Fma(w3, x, d3);
            }
            Lanes.Sum4(a0, a1, a2, a3).Store(u + i);
            Lanes.Sum4(b0, b1, b2, b3).Store(u + uStep + i);
            Lanes.Sum4(c0, c1, c2, c3).Store(u + 2 * uStep + i);
            Lanes.Sum4(d0, d1, d2, d3).Store(u + 3 * uStep + i);
        }
    }

    /// <summary>A block of rows of W, α and the stored F(k); what has happened to F since is in the panels.</summary>
    internal struct Block
    {
        public float* W, Alpha, Fast;
        public int Stride;
        public Sweep Rows;

        /// <summary>d.</summary>
        public float Decay;

        /// <summary>p and q of the pairs, in the slots from <see cref="Panels.History"/>; rows from the block's first.</summary>
        public Panels Pairs;
    }

    /// <summary>y ← y + (W + F)ᵀx; stores F too when asked to, in <paramref name="to"/>, which may be where F(k) is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyMoved<TCount, TStore>(in Block b, float* to, float* x, float* y)
        where TCount : struct, ICount
        where TStore : struct, IChoice
    {
        int stride = b.Stride, step = b.Pairs.RowStep;
        var decay = V.Splat(b.Decay);
        var (i, end, on) = b.Rows.By(2);
        for (; i != end; i += on)
        {
            var p = b.Pairs.Rows + i;
            V p0 = Row<TCount>(p, step, 0), p1 = Row<TCount>(p, step, 1), p2 = Row<TCount>(p, step, 2), p3 = Row<TCount>(p, step, 3);
            p++;
            V r0 = Row<TCount>(p, step, 0), r1 = Row<TCount>(p, step, 1), r2 = Row<TCount>(p, step, 2), r3 = Row<TCount>(p, step, 3);
            V x0 = V.Splat(x[i]), x1 = V.Splat(x[i + 1]);
            var start = (long)i * stride;
            float* w0 = b.W + start, a0 = b.Alpha + start, f0 = b.Fast + start, t0 = to + start;
            float* w1 = w0 + stride, a1 = a0 + stride, f1 = f0 + stride, t1 = t0 + stride;
            var q = b.Pairs.Columns;
            for (var j = 0; j < stride; j += Lanes.Count, q += Panels.Width)
            {
                V q0 = Column<TCount>(q, 0), q1 = Column<TCount>(q, 1), q2 = Column<TCount>(q, 2), q3 = Column<TCount>(q, 3);
                V first, second;
                if (TStore.Taken)
                {
                    var f = Moved<TCount>(decay, V.Load(f0 + j), V.Load(a0 + j), p0, p1, p2, p3, q0, q1, q2, q3);
                    f.Store(t0 + j);
                    first = V.Load(w0 + j) + f;
                    f = Moved<TCount>(decay, V.Load(f1 + j), V.Load(a1 + j), r0, r1, r2, r3, q0, q1, q2, q3);
                    f.Store(t1 + j);
                    second = V.Load(w1 + j) + f;
                }
                else
                {
                    first = Weight<TCount>(V.Load(w0 + j), decay, V.Load(f0 + j), V.Load(a0 + j), p0, p1, p2, p3, q0, q1, q2, q3);
                    second = Weight<TCount>(V.Load(w1 + j), decay, V.Load(f1 + j), V.Load(a1 + j), r0, r1, r2, r3, q0, q1, q2, q3);
                }
                V.Fma(x1, second, V.Fma(x0, first, V.Load(y + j))).Store(y + j);
            }
        }
    }

    /// <summary>u_i = Σ_j (W + F)_ij v_j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyTMoved<TCount>(in Block b, float* v, float* u) where TCount : struct, ICount
    {
        int stride = b.Stride, step = b.Pairs.RowStep;
        var decay = V.Splat(b.Decay);
        var (i, end, on) = b.Rows.By(2);
        for (; i != end; i += on)
        {
            var p = b.Pairs.Rows + i;
            V p0 = Row<TCount>(p, step, 0), p1 = Row<TCount>(p, step, 1), p2 = Row<TCount>(p, step, 2), p3 = Row<TCount>(p, step, 3);
            p++;
            V r0 = Row<TCount>(p, step, 0), r1 = Row<TCount>(p, step, 1), r2 = Row<TCount>(p, step, 2), r3 = Row<TCount>(p, step, 3);
            var start = (long)i * stride;
            float* w0 = b.W + start, a0 = b.Alpha + start, f0 = b.Fast + start;
            float* w1 = w0 + stride, a1 = a0 + stride, f1 = f0 + stride;
            var q = b.Pairs.Columns;
            V u0 = V.Zero, u1 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count, q += Panels.Width)
            {
                V q0 = Column<TCount>(q, 0), q1 = Column<TCount>(q, 1), q2 = Column<TCount>(q, 2), q3 = Column<TCount>(q, 3);
                var vj = V.Load(v + j);
                u0 = V.Fma(Weight<TCount>(V.Load(w0 + j), decay, V.Load(f0 + j), V.Load(a0 + j), p0, p1, p2, p3, q0, q1, q2, q3), vj, u0);
                u1 = V.Fma(Weight<TCount>(V.Load(w1 + j), decay, V.Load(f1 + j), V.Load(a1 + j), r0, r1, r2, r3, q0, q1, q2, q3), vj, u1);
            }
            u[i] = Lanes.Sum(u0);
            u[i + 1] = Lanes.Sum(u1);
        }
    }

    /// <summary>Stores F, as <see cref="ApplyMoved"/> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store<TCount>(in Block b, float* to) where TCount : struct, ICount
    {
        int stride = b.Stride, step = b.Pairs.RowStep;
        var decay = V.Splat(b.Decay);
        var (i, end, on) = b.Rows.By(1);
        for (; i != end; i += on)
        {
            var p = b.Pairs.Rows + i;
            V p0 = Row<TCount>(p, step, 0), p1 = Row<TCount>(p, step, 1), p2 = Row<TCount>(p, step, 2), p3 = Row<TCount>(p, step, 3);
            var start = (long)i * stride;
            var q = b.Pairs.Columns;
            for (var j = 0; j < stride; j += Lanes.Count, q += Panels.Width)
            {
                V q0 = Column<TCount>(q, 0), q1 = Column<TCount>(q, 1), q2 = Column<TCount>(q, 2), q3 = Column<TCount>(q, 3);
                Moved<TCount>(decay, V.Load(b.Fast + start + j), V.Load(b.Alpha + start + j), p0, p1, p2, p3, q0, q1, q2, q3)
                    .Store(to + start + j);
            }
        }
    }

    /// <summary>d·F(k) + α·Σ p_u q_u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Moved<TCount>(V decay, V fast, V alpha, V p0, V p1, V p2, V p3, V q0, V q1, V q2, V q3)
        where TCount : struct, ICount
    {
        var kept = decay * fast;
        return TCount.Value == 0 ? kept : V.Fma(alpha, Pairs<TCount>(p0, p1, p2, p3, q0, q1, q2, q3), kept);
    }

    /// <summary>W + F, with F as <see cref="Moved"/> gives it up to rounding, in one operation less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Weight<TCount>(V w, V decay, V fast, V alpha, V p0, V p1, V p2, V p3, V q0, V q1, V q2, V q3)
        where TCount : struct, ICount =>
        V.Fma(alpha, Pairs<TCount>(p0, p1, p2, p3, q0, q1, q2, q3), V.Fma(decay, fast, w));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Pairs<TCount>(V p0, V p1, V p2, V p3, V q0, V q1, V q2, V q3) where TCount : struct, ICount
    {
        var sum = p0 * q0;
        sum = TCount.Value > 1 ? V.Fma(p1, q1, sum) : sum;
        sum = TCount.Value > 2 ? V.Fma(p2, q2, sum) : sum;
        return TCount.Value > 3 ? V.Fma(p3, q3, sum) : sum;
    }

    /// <summary>One element of row vector k in every lane, when there is such a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Row<TCount>(float* rows, int step, int k) where TCount : struct, ICount =>
        TCount.Value > k ? V.Splat(rows[k * step]) : V.Zero;

    /// <summary>Lanes of column vector k, when there is such a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Column<TCount>(float* columns, int k) where TCount : struct, ICount =>
        TCount.Value > k ? V.Load(columns + k * Lanes.Count) : V.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Weight<TFast>(float* w, float* fast, int at) where TFast : struct, IChoice =>
        TFast.Taken ? V.Load(w + at) + V.Load(fast + at) : V.Load(w + at);
}
