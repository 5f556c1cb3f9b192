using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>Four vectors: element i of vector k is at first[k·stride + i·step].</summary>
internal readonly unsafe struct VectorTile(float* first, long stride, int step)
{
    public readonly float* First = first;
    public readonly long Stride = stride;
    public readonly int Step = step;
}

/// <summary>
/// The product of a strip of a matrix with four vectors, z_k = Aᵀx_k, with all sums in registers. Four vectors by four registers of columns are
/// sixteen sums, for four loads of the matrix and four broadcasts; where there are only sixteen registers, four vectors by two.
/// Each element is one chain of fused multiply-adds over the rows in order.
/// </summary>
internal static unsafe class ProductTile<R> where R : struct, IRegister<R>
{
    /// <summary>Columns of the widest strip.</summary>
    public static int Widest => R.Width * (R.AreMany ? 4 : 2);

    /// <summary>z_k = Aᵀx_k for a strip of columns: one, two or four registers, as <see cref="Widest"/> allows.</summary>
    /// <param name="a">The strip's first element.</param>
    /// <param name="aStride">Floats from one row to the next.</param>
    /// <param name="strip">Columns.</param>
    /// <param name="isFirst">Whether the sums start from zero, instead of z.</param>
    /// <param name="x">The vectors.</param>
    /// <param name="rows">Their elements.</param>
    /// <param name="z">Where z_0 goes.</param>
    /// <param name="zStride">Floats from one z_k to the next.</param>
    public static void Multiply(float* a, int aStride, int strip, bool isFirst, VectorTile x, int rows, float* z, long zStride)
    {
        switch (strip / R.Width, isFirst)
        {
            case (4, true): Four<Yes>(a, aStride, x, rows, z, zStride); break;
            case (4, false): Four<No>(a, aStride, x, rows, z, zStride); break;
            case (2, true): Two<Yes>(a, aStride, x, rows, z, zStride); break;
            case (2, false): Two<No>(a, aStride, x, rows, z, zStride); break;
            case (_, true): One<Yes>(a, aStride, x, rows, z, zStride); break;
            case (_, false): One<No>(a, aStride, x, rows, z, zStride); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TFirst>(float* a, int aStride, VectorTile x, int rows, float* z0, long zStride)
        where TFirst : struct, IFlag
    {
        int second = R.Width, third = second + second, fourth = third + second;
        float* z1 = z0 + zStride, z2 = z1 + zStride, z3 = z2 + zStride;
        var zero = R.Zero;
        R a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        R c0 = zero, c1 = zero, c2 = zero, c3 = zero, d0 = zero, d1 = zero, d2 = zero, d3 = zero;
        if (!TFirst.IsSet)
        {
            (a0, a1, a2, a3) = (R.Load(z0), R.Load(z0 + second), R.Load(z0 + third), R.Load(z0 + fourth));
            (b0, b1, b2, b3) = (R.Load(z1), R.Load(z1 + second), R.Load(z1 + third), R.Load(z1 + fourth));
            (c0, c1, c2, c3) = (R.Load(z2), R.Load(z2 + second), R.Load(z2 + third), R.Load(z2 + fourth));
            (d0, d1, d2, d3) = (R.Load(z3), R.Load(z3 + second), R.Load(z3 + third), R.Load(z3 + fourth));
        }
        float* x0 = x.First, x1 = x0 + x.Stride, x2 = x1 + x.Stride, x3 = x2 + x.Stride;
        var step = x.Step;
        for (var i = 0; i < rows; i++, a += aStride, x0 += step, x1 += step, x2 += step, x3 += step)
        {
            R w0 = R.Load(a), w1 = R.Load(a + second), w2 = R.Load(a + third), w3 = R.Load(a + fourth);
            var xi = R.Splat(*x0);
            a0 = R.Fma(xi, w0, a0);
            a1 = R.Fma(xi, w1, a1);
            a2 = R.Fma(xi, w2, a2);
            a3 = R.Fma(xi, w3, a3);
            xi = R.Splat(*x1);
            b0 = R.Fma(xi, w0, b0);
            b1 = R.Fma(xi, w1, b1);
            b2 = R.Fma(xi, w2, b2);
            b3 = R.Fma(xi, w3, b3);
            xi = R.Splat(*x2);
            c0 = R.Fma(xi, w0, c0);
            c1 = R.Fma(xi, w1, c1);
            c2 = R.Fma(xi, w2, c2);
            c3 = R.Fma(xi, w3, c3);
            xi = R.Splat(*x3);
            d0 = R.Fma(xi, w0, d0);
            d1 = R.Fma(xi, w1, d1);
            d2 = R.Fma(xi, w2, d2);
            d3 = R.Fma(xi, w3, d3);
        }
        a0.Store(z0);
        a1.Store(z0 + second);
        a2.Store(z0 + third);
        a3.Store(z0 + fourth);
        b0.Store(z1);
        b1.Store(z1 + second);
        b2.Store(z1 + third);
        b3.Store(z1 + fourth);
        c0.Store(z2);
        c1.Store(z2 + second);
        c2.Store(z2 + third);
        c3.Store(z2 + fourth);
        d0.Store(z3);
        d1.Store(z3 + second);
        d2.Store(z3 + third);
        d3.Store(z3 + fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TFirst>(float* a, int aStride, VectorTile x, int rows, float* z0, long zStride)
        where TFirst : struct, IFlag
    {
        var second = R.Width;
        float* z1 = z0 + zStride, z2 = z1 + zStride, z3 = z2 + zStride;
        R a0 = Start<TFirst>(z0), a1 = Start<TFirst>(z0 + second), b0 = Start<TFirst>(z1), b1 = Start<TFirst>(z1 + second);
        R c0 = Start<TFirst>(z2), c1 = Start<TFirst>(z2 + second), d0 = Start<TFirst>(z3), d1 = Start<TFirst>(z3 + second);
        float* x0 = x.First, x1 = x0 + x.Stride, x2 = x1 + x.Stride, x3 = x2 + x.Stride;
        var step = x.Step;
        for (var i = 0; i < rows; i++, a += aStride, x0 += step, x1 += step, x2 += step, x3 += step)
        {
            R w0 = R.Load(a), w1 = R.Load(a + second);
            var xi = R.Splat(*x0);
            a0 = R.Fma(xi, w0, a0);
            a1 = R.Fma(xi, w1, a1);
            xi = R.Splat(*x1);
            b0 = R.Fma(xi, w0, b0);
            b1 = R.Fma(xi, w1, b1);
            xi = R.Splat(*x2);
            c0 = R.Fma(xi, w0, c0);
            c1 = R.Fma(xi, w1, c1);
            xi = R.Splat(*x3);
            d0 = R.Fma(xi, w0, d0);
            d1 = R.Fma(xi, w1, d1);
        }
        a0.Store(z0);
        a1.Store(z0 + second);
        b0.Store(z1);
        b1.Store(z1 + second);
        c0.Store(z2);
        c1.Store(z2 + second);
        d0.Store(z3);
        d1.Store(z3 + second);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TFirst>(float* a, int aStride, VectorTile x, int rows, float* z0, long zStride)
        where TFirst : struct, IFlag
    {
        float* z1 = z0 + zStride, z2 = z1 + zStride, z3 = z2 + zStride;
        R s0 = Start<TFirst>(z0), s1 = Start<TFirst>(z1), s2 = Start<TFirst>(z2), s3 = Start<TFirst>(z3);
        float* x0 = x.First, x1 = x0 + x.Stride, x2 = x1 + x.Stride, x3 = x2 + x.Stride;
        var step = x.Step;
        for (var i = 0; i < rows; i++, a += aStride, x0 += step, x1 += step, x2 += step, x3 += step)
        {
            var w = R.Load(a);
            s0 = R.Fma(R.Splat(*x0), w, s0);
            s1 = R.Fma(R.Splat(*x1), w, s1);
            s2 = R.Fma(R.Splat(*x2), w, s2);
            s3 = R.Fma(R.Splat(*x3), w, s3);
        }
        s0.Store(z0);
        s1.Store(z1);
        s2.Store(z2);
        s3.Store(z3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static R Start<TFirst>(float* z) where TFirst : struct, IFlag => TFirst.IsSet ? R.Zero : R.Load(z);
}
