using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>Four vectors: element i of vector k is at first[k·stride + i·step].</summary>
internal readonly unsafe struct VectorTile(float* first, long stride, long step)
{
    public readonly float* First = first;
    public readonly long Stride = stride, Step = step;
}

/// <summary>Where a tile's sums start from, and what is done with them while they are still in registers.</summary>
internal interface IEpilogue
{
    /// <summary>Whether the sums start from what is there, instead of zero.</summary>
    static abstract bool IsContinued { get; }

    /// <summary>What one register of sums starts from, if they are continued.</summary>
    R Start<R>(long at) where R : struct, IRegister<R>;

    /// <summary>Takes one register of sums, <paramref name="at"/> floats from the result's start.</summary>
    void Store<R>(long at, R sum) where R : struct, IRegister<R>;
}

/// <summary>
/// The product of a strip of a matrix with four vectors, z_k = Aᵀx_k, with all sums in registers. Four vectors by four registers of columns are
/// sixteen sums, for four loads of the matrix and four broadcasts; where there are only sixteen registers, four vectors by two.
/// Each element is one chain of fused multiply-adds over the rows in order. Tiles are not inlined: a method takes in only so much of what it
/// calls, and past that each fused multiply-add would be a call.
/// </summary>
internal static unsafe class ProductTile<R> where R : struct, IRegister<R>
{
    /// <summary>The columns of the widest strip among so many: four registers where there are many, two, or one.</summary>
    public static int Strip(int columns)
    {
        var most = Math.Min(columns / R.Width, R.AreMany ? 4 : 2);
        return R.Width * (most == 3 ? 2 : most);
    }

    /// <summary>z_k = Aᵀx_k for the columns of a strip.</summary>
    /// <param name="a">The strip's first element.</param>
    /// <param name="aStride">Floats from one row to the next.</param>
    /// <param name="strip">Its columns, as <see cref="Strip"/> gives them.</param>
    /// <param name="x">The vectors.</param>
    /// <param name="rows">Their elements.</param>
    /// <param name="to">Takes the sums.</param>
    /// <param name="at">Where the strip of z_0 is.</param>
    /// <param name="stride">Floats from one z_k to the next.</param>
    public static void Multiply<TEpilogue>(float* a, long aStride, int strip, VectorTile x, int rows, TEpilogue to, long at, long stride)
        where TEpilogue : struct, IEpilogue
    {
        switch (strip / R.Width)
        {
            case 4: Four(a, aStride, x, rows, to, at, stride); break;
            case 2: Two(a, aStride, x, rows, to, at, stride); break;
            default: One(a, aStride, x, rows, to, at, stride); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Four<TEpilogue>(float* a, long aStride, VectorTile x, int rows, TEpilogue to, long z0, long stride)
        where TEpilogue : struct, IEpilogue
    {
        int second = R.Width, third = second + second, fourth = third + second;
        long z1 = z0 + stride, z2 = z1 + stride, z3 = z2 + stride;
        var zero = R.Zero;
        R a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        R c0 = zero, c1 = zero, c2 = zero, c3 = zero, d0 = zero, d1 = zero, d2 = zero, d3 = zero;
        if (TEpilogue.IsContinued)
        {
            (a0, a1, a2, a3) = (to.Start<R>(z0), to.Start<R>(z0 + second), to.Start<R>(z0 + third), to.Start<R>(z0 + fourth));
            (b0, b1, b2, b3) = (to.Start<R>(z1), to.Start<R>(z1 + second), to.Start<R>(z1 + third), to.Start<R>(z1 + fourth));
            (c0, c1, c2, c3) = (to.Start<R>(z2), to.Start<R>(z2 + second), to.Start<R>(z2 + third), to.Start<R>(z2 + fourth));
            (d0, d1, d2, d3) = (to.Start<R>(z3), to.Start<R>(z3 + second), to.Start<R>(z3 + third), to.Start<R>(z3 + fourth));
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
        to.Store(z0, a0);
        to.Store(z0 + second, a1);
        to.Store(z0 + third, a2);
        to.Store(z0 + fourth, a3);
        to.Store(z1, b0);
        to.Store(z1 + second, b1);
        to.Store(z1 + third, b2);
        to.Store(z1 + fourth, b3);
        to.Store(z2, c0);
        to.Store(z2 + second, c1);
        to.Store(z2 + third, c2);
        to.Store(z2 + fourth, c3);
        to.Store(z3, d0);
        to.Store(z3 + second, d1);
        to.Store(z3 + third, d2);
        to.Store(z3 + fourth, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Two<TEpilogue>(float* a, long aStride, VectorTile x, int rows, TEpilogue to, long z0, long stride)
        where TEpilogue : struct, IEpilogue
    {
        var second = R.Width;
        long z1 = z0 + stride, z2 = z1 + stride, z3 = z2 + stride;
        var zero = R.Zero;
        R a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
        if (TEpilogue.IsContinued)
        {
            (a0, a1, b0, b1) = (to.Start<R>(z0), to.Start<R>(z0 + second), to.Start<R>(z1), to.Start<R>(z1 + second));
            (c0, c1, d0, d1) = (to.Start<R>(z2), to.Start<R>(z2 + second), to.Start<R>(z3), to.Start<R>(z3 + second));
        }
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
        to.Store(z0, a0);
        to.Store(z0 + second, a1);
        to.Store(z1, b0);
        to.Store(z1 + second, b1);
        to.Store(z2, c0);
        to.Store(z2 + second, c1);
        to.Store(z3, d0);
        to.Store(z3 + second, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void One<TEpilogue>(float* a, long aStride, VectorTile x, int rows, TEpilogue to, long z0, long stride)
        where TEpilogue : struct, IEpilogue
    {
        long z1 = z0 + stride, z2 = z1 + stride, z3 = z2 + stride;
        R s0 = R.Zero, s1 = s0, s2 = s0, s3 = s0;
        if (TEpilogue.IsContinued)
        {
            (s0, s1, s2, s3) = (to.Start<R>(z0), to.Start<R>(z1), to.Start<R>(z2), to.Start<R>(z3));
        }
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
        to.Store(z0, s0);
        to.Store(z1, s1);
        to.Store(z2, s2);
        to.Store(z3, s3);
    }
}
