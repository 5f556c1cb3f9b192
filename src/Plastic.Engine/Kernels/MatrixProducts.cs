using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// Products with a matrix that belongs to one sample, such as a stored F, in its own row order: rows are a whole number of vectors
/// long, and their number is a multiple of four (the plan pads matrices with zero rows).
/// </summary>
internal static unsafe class MatrixProducts<V> where V : struct, ILanes<V>
{
    /// <summary>y ← y + Mᵀx or, transposed, y ← y + Mx.</summary>
    public static void Add(float* m, int stride, int rows, bool isTransposed, float* x, float* y)
    {
        if (isTransposed)
        {
            ApplyT(m, stride, rows, x, y);
        }
        else
        {
            Apply(m, stride, rows, x, y);
        }
    }

    /// <summary>y ← y + Mᵀx.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* m, int stride, int rows, float* x, float* y)
    {
        for (var i = 0; i < rows; i += 4)
        {
            V x0 = V.Splat(x[i]), x1 = V.Splat(x[i + 1]), x2 = V.Splat(x[i + 2]), x3 = V.Splat(x[i + 3]);
            float* r0 = m + (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var sum = V.Fma(x0, V.Load(r0 + j), V.Load(y + j));
                sum = V.Fma(x1, V.Load(r1 + j), sum);
                sum = V.Fma(x2, V.Load(r2 + j), sum);
                V.Fma(x3, V.Load(r3 + j), sum).Store(y + j);
            }
        }
    }

    /// <summary>u ← u + Mv, the sum over lanes added last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyT(float* m, int stride, int rows, float* v, float* u)
    {
        for (var i = 0; i < rows; i += 4)
        {
            float* r0 = m + (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            V u0 = V.Zero, u1 = V.Zero, u2 = V.Zero, u3 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var vj = V.Load(v + j);
                u0 = V.Fma(V.Load(r0 + j), vj, u0);
                u1 = V.Fma(V.Load(r1 + j), vj, u1);
                u2 = V.Fma(V.Load(r2 + j), vj, u2);
                u3 = V.Fma(V.Load(r3 + j), vj, u3);
            }
            Add(u + i, u0, u1, u2, u3);
        }
    }

    /// <summary>y_k ← Mᵀx_k + y_k for four vectors that follow each other; M is read once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyFour(float* m, int stride, int rows, VectorSeries x, VectorSeries y)
    {
        float* y0 = y[0], y1 = y[1], y2 = y[2], y3 = y[3];
        for (var i = 0; i < rows; i += 4)
        {
            float* a = x[0] + i, b = x[1] + i, c = x[2] + i, d = x[3] + i;
            V a0 = V.Splat(a[0]), a1 = V.Splat(a[1]), a2 = V.Splat(a[2]), a3 = V.Splat(a[3]);
            V b0 = V.Splat(b[0]), b1 = V.Splat(b[1]), b2 = V.Splat(b[2]), b3 = V.Splat(b[3]);
            V c0 = V.Splat(c[0]), c1 = V.Splat(c[1]), c2 = V.Splat(c[2]), c3 = V.Splat(c[3]);
            V d0 = V.Splat(d[0]), d1 = V.Splat(d[1]), d2 = V.Splat(d[2]), d3 = V.Splat(d[3]);
            float* r0 = m + (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                V w0 = V.Load(r0 + j), w1 = V.Load(r1 + j), w2 = V.Load(r2 + j), w3 = V.Load(r3 + j);
                V.Fma(a3, w3, V.Fma(a2, w2, V.Fma(a1, w1, V.Fma(a0, w0, V.Load(y0 + j))))).Store(y0 + j);
                V.Fma(b3, w3, V.Fma(b2, w2, V.Fma(b1, w1, V.Fma(b0, w0, V.Load(y1 + j))))).Store(y1 + j);
                V.Fma(c3, w3, V.Fma(c2, w2, V.Fma(c1, w1, V.Fma(c0, w0, V.Load(y2 + j))))).Store(y2 + j);
                V.Fma(d3, w3, V.Fma(d2, w2, V.Fma(d1, w1, V.Fma(d0, w0, V.Load(y3 + j))))).Store(y3 + j);
            }
        }
    }

    /// <summary>u_k ← u_k + Mv_k for four vectors, with the bits of <see cref="ApplyT"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyTFour(float* m, int stride, int rows, VectorSeries v, VectorSeries u)
    {
        float* v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
        for (var i = 0; i < rows; i += 4)
        {
            float* r0 = m + (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero, b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
            V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero, d0 = V.Zero, d1 = V.Zero, d2 = V.Zero, d3 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                V w0 = V.Load(r0 + j), w1 = V.Load(r1 + j), w2 = V.Load(r2 + j), w3 = V.Load(r3 + j);
                var x = V.Load(v0 + j);
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
            Add(u[0] + i, a0, a1, a2, a3);
            Add(u[1] + i, b0, b1, b2, b3);
            Add(u[2] + i, c0, c1, c2, c3);
            Add(u[3] + i, d0, d1, d2, d3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* u, V a, V b, V c, V d)
    {
        (Vector128.Load(u) + Lanes.Sum4(a, b, c, d)).Store(u);
    }
}
