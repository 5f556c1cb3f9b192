using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// y ← y + Σ_i x_i·M_i over listed rows of M, with a strip of y in registers. Each element is one chain of fused multiply-adds over the rows
/// in order.
/// </summary>
/// <param name="m">M, in whole vectors a row.</param>
/// <param name="stride">Floats of a row.</param>
/// <param name="listed">The rows.</param>
/// <param name="count">How many.</param>
/// <param name="x">A number for every row of M.</param>
/// <param name="y">A vector as long as a row.</param>
internal readonly unsafe struct RowSum(float* m, int stride, int* listed, int count, float* x, float* y) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var j = 0;
        for (; j <= stride - 8 * R.Width; j += 8 * R.Width)
        {
            Eight<R>(m + j, stride, listed, count, x, y + j);
        }
        for (; j < stride; j += R.Width)
        {
            One<R>(m + j, stride, listed, count, x, y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<R>(float* m, int stride, int* listed, int count, float* x, float* y) where R : struct, IRegister<R>
    {
        R a = At<R>(y, 0), b = At<R>(y, 1), c = At<R>(y, 2), d = At<R>(y, 3), e = At<R>(y, 4), f = At<R>(y, 5), g = At<R>(y, 6), h = At<R>(y, 7);
        for (var k = 0; k < count; k++)
        {
            var xi = R.Splat(x[listed[k]]);
            var row = m + (long)listed[k] * stride;
            a = R.Fma(xi, At<R>(row, 0), a);
            b = R.Fma(xi, At<R>(row, 1), b);
            c = R.Fma(xi, At<R>(row, 2), c);
            d = R.Fma(xi, At<R>(row, 3), d);
            e = R.Fma(xi, At<R>(row, 4), e);
            f = R.Fma(xi, At<R>(row, 5), f);
            g = R.Fma(xi, At<R>(row, 6), g);
            h = R.Fma(xi, At<R>(row, 7), h);
        }
        a.Store(y);
        b.Store(y + R.Width);
        c.Store(y + 2 * R.Width);
        d.Store(y + 3 * R.Width);
        e.Store(y + 4 * R.Width);
        f.Store(y + 5 * R.Width);
        g.Store(y + 6 * R.Width);
        h.Store(y + 7 * R.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<R>(float* m, int stride, int* listed, int count, float* x, float* y) where R : struct, IRegister<R>
    {
        var sum = R.Load(y);
        for (var k = 0; k < count; k++)
        {
            sum = R.Fma(R.Splat(x[listed[k]]), R.Load(m + (long)listed[k] * stride), sum);
        }
        sum.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static R At<R>(float* row, int k) where R : struct, IRegister<R> => R.Load(row + k * R.Width);
}

/// <summary>y_k ← y_k + Mᵀx_k for four vectors, strip by strip.</summary>
internal readonly unsafe struct FourProducts(float* m, int stride, int rows, VectorSeries x, VectorSeries y) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var tile = new VectorTile(x[0], x.Stride, 1);
        int j = 0, strip = ProductTile<R>.Widest;
        for (; j <= stride - strip; j += strip)
        {
            ProductTile<R>.Multiply(m + j, stride, strip, isFirst: false, tile, rows, y[0] + j, y.Stride);
        }
        for (; j < stride; j += R.Width)
        {
            ProductTile<R>.Multiply(m + j, stride, R.Width, isFirst: false, tile, rows, y[0] + j, y.Stride);
        }
    }
}
