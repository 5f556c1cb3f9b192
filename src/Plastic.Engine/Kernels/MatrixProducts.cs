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
    public static void Add<TMatrix>(TMatrix m, int stride, int rows, bool isTransposed, float* x, float* y)
        where TMatrix : struct, IStoredMatrix
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

    /// <summary>y ← y + Mᵀx. Rows where x is zero are not read, so an infinity in one is not seen.</summary>
    public static void Apply<TMatrix>(TMatrix m, int stride, int rows, float* x, float* y) where TMatrix : struct, IStoredMatrix
    {
        var listed = stackalloc int[Math.Min(rows, NonzeroRows.Block)];
        for (var i = 0; i < rows; i += NonzeroRows.Block)
        {
            V.Run(new RowSum<TMatrix>(m, stride, listed, NonzeroRows.List(x, i, rows, listed), x, y));
        }
    }

    /// <summary>u ← u + Mv, the sum over lanes added last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyT<TMatrix>(TMatrix m, int stride, int rows, float* v, float* u) where TMatrix : struct, IStoredMatrix
    {
        for (var i = 0; i < rows; i += 4)
        {
            long r0 = (long)i * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
            V u0 = V.Zero, u1 = V.Zero, u2 = V.Zero, u3 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                var vj = V.Load(v + j);
                u0 = V.Fma(m.Load<V>(r0 + j), vj, u0);
                u1 = V.Fma(m.Load<V>(r1 + j), vj, u1);
                u2 = V.Fma(m.Load<V>(r2 + j), vj, u2);
                u3 = V.Fma(m.Load<V>(r3 + j), vj, u3);
            }
            Add(u + i, u0, u1, u2, u3);
        }
    }

    /// <summary>y_k ← y_k + Mᵀx_k for four vectors; M is read once for all of them.</summary>
    public static void ApplyFour(float* m, int stride, int rows, VectorSeries x, VectorSeries y) =>
        V.Run(new FourProducts(m, stride, rows, x, y));

    /// <summary>u_k ← u_k + Mv_k for four vectors, with the bits of <see cref="ApplyT"/>.</summary>
    public static void ApplyTFour(float* m, int stride, int rows, VectorSeries v, VectorSeries u)
    {
        if (V.HoldsTiles)
        {
            FourByFour(m, stride, rows, v, u);
            return;
        }
        for (var i = 0; i < rows; i += 2)
        {
            TwoByTwo(m + (long)i * stride, stride, v, u[0] + i, u[1] + i);
            TwoByTwo(m + (long)i * stride, stride, v.From(2), u[2] + i, u[3] + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoByTwo(float* r0, int stride, VectorSeries v, float* u0, float* u1)
    {
        float* r1 = r0 + stride, v0 = v[0], v1 = v[1];
        V a0 = V.Zero, a1 = V.Zero, b0 = V.Zero, b1 = V.Zero;
        for (var j = 0; j < stride; j += Lanes.Count)
        {
            V w0 = V.Load(r0 + j), w1 = V.Load(r1 + j), x = V.Load(v0 + j);
            a0 = V.Fma(w0, x, a0);
            a1 = V.Fma(w1, x, a1);
            x = V.Load(v1 + j);
            b0 = V.Fma(w0, x, b0);
            b1 = V.Fma(w1, x, b1);
        }
        u0[0] += Lanes.Sum(a0);
        u0[1] += Lanes.Sum(a1);
        u1[0] += Lanes.Sum(b0);
        u1[1] += Lanes.Sum(b1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour(float* m, int stride, int rows, VectorSeries v, VectorSeries u)
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
