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
internal readonly unsafe struct RowSum<TMatrix>(TMatrix m, int stride, int* listed, int count, float* x, float* y) : IRegisterKernel
    where TMatrix : struct, IStoredMatrix
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var j = 0;
        for (; j <= stride - 8 * R.Width; j += 8 * R.Width)
        {
            Eight<R>(m, j, stride, listed, count, x, y + j);
        }
        for (; j < stride; j += R.Width)
        {
            One<R>(m, j, stride, listed, count, x, y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<R>(TMatrix m, int j, int stride, int* listed, int count, float* x, float* y) where R : struct, IRegister<R>
    {
        int two = 2 * R.Width, three = 3 * R.Width, four = 4 * R.Width, five = 5 * R.Width, six = 6 * R.Width, seven = 7 * R.Width;
        R a = R.Load(y), b = R.Load(y + R.Width), c = R.Load(y + two), d = R.Load(y + three);
        R e = R.Load(y + four), f = R.Load(y + five), g = R.Load(y + six), h = R.Load(y + seven);
        for (var k = 0; k < count; k++)
        {
            var xi = R.Splat(x[listed[k]]);
            var row = (long)listed[k] * stride + j;
            a = R.Fma(xi, m.Load<R>(row), a);
            b = R.Fma(xi, m.Load<R>(row + R.Width), b);
            c = R.Fma(xi, m.Load<R>(row + two), c);
            d = R.Fma(xi, m.Load<R>(row + three), d);
            e = R.Fma(xi, m.Load<R>(row + four), e);
            f = R.Fma(xi, m.Load<R>(row + five), f);
            g = R.Fma(xi, m.Load<R>(row + six), g);
            h = R.Fma(xi, m.Load<R>(row + seven), h);
        }
        a.Store(y);
        b.Store(y + R.Width);
        c.Store(y + two);
        d.Store(y + three);
        e.Store(y + four);
        f.Store(y + five);
        g.Store(y + six);
        h.Store(y + seven);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<R>(TMatrix m, int j, int stride, int* listed, int count, float* x, float* y) where R : struct, IRegister<R>
    {
        var sum = R.Load(y);
        for (var k = 0; k < count; k++)
        {
            sum = R.Fma(R.Splat(x[listed[k]]), m.Load<R>((long)listed[k] * stride + j), sum);
        }
        sum.Store(y);
    }
}
