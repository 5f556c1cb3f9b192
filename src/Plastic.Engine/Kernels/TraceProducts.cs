using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// Products with F = α∘H of one sample, where H is stored and F is not, in the shape of <see cref="MatrixProducts{V}"/>.
/// </summary>
internal static unsafe class TraceProducts<V> where V : struct, ILanes<V>
{
    /// <summary>y ← y + Fᵀx or, transposed, y ← y + Fx.</summary>
    public static void Add(float* alpha, float* trace, int stride, int rows, bool isTransposed, float* x, float* y)
    {
        if (isTransposed)
        {
            ApplyT(alpha, trace, stride, rows, x, y);
        }
        else
        {
            Apply(alpha, trace, stride, rows, x, y);
        }
    }

    /// <summary>y ← y + Fᵀx. Rows where x is zero are not read, so an infinity in one is not seen.</summary>
    private static void Apply(float* alpha, float* trace, int stride, int rows, float* x, float* y)
    {
        var listed = stackalloc int[Math.Min(rows, NonzeroRows.Block)];
        for (var i = 0; i < rows; i += NonzeroRows.Block)
        {
            var count = NonzeroRows.List(x + i, Math.Min(NonzeroRows.Block, rows - i), listed);
            var at = (long)i * stride;
            V.Run(new TraceRowSum(alpha + at, trace + at, stride, listed, count, x + i, y));
        }
    }

    /// <summary>u ← u + Fv, the sum over lanes added last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyT(float* alpha, float* trace, int stride, int rows, float* v, float* u)
    {
        for (var i = 0; i < rows; i += 4, alpha += 4 * stride, trace += 4 * stride)
        {
            V u0 = V.Zero, u1 = V.Zero, u2 = V.Zero, u3 = V.Zero;
            for (var j = 0; j < stride; j += Lanes.Count)
            {
                int second = stride + j, third = stride + second, fourth = stride + third;
                var vj = V.Load(v + j);
                u0 = V.Fma(V.Load(alpha + j) * V.Load(trace + j), vj, u0);
                u1 = V.Fma(V.Load(alpha + second) * V.Load(trace + second), vj, u1);
                u2 = V.Fma(V.Load(alpha + third) * V.Load(trace + third), vj, u2);
                u3 = V.Fma(V.Load(alpha + fourth) * V.Load(trace + fourth), vj, u3);
            }
            (Vector128.Load(u + i) + Lanes.Sum4(u0, u1, u2, u3)).Store(u + i);
        }
    }
}

/// <summary>y ← y + Σ_i x_i·(α∘H)_i over listed rows, with a strip of y in registers, as <see cref="RowSum"/>.</summary>
/// <param name="alpha">α, in whole vectors a row.</param>
/// <param name="trace">H.</param>
/// <param name="stride">Floats of a row.</param>
/// <param name="listed">The rows.</param>
/// <param name="count">How many.</param>
/// <param name="x">A number for every row.</param>
/// <param name="y">A vector as long as a row.</param>
internal readonly unsafe struct TraceRowSum(float* alpha, float* trace, int stride, int* listed, int count, float* x, float* y)
    : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var j = 0;
        for (; j <= stride - 4 * R.Width; j += 4 * R.Width)
        {
            Four<R>(j);
        }
        for (; j < stride; j += R.Width)
        {
            One<R>(j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four<R>(int j) where R : struct, IRegister<R>
    {
        int second = R.Width, third = 2 * R.Width, fourth = 3 * R.Width;
        var to = y + j;
        R a = R.Load(to), b = R.Load(to + second), c = R.Load(to + third), d = R.Load(to + fourth);
        for (int* row = listed, end = listed + count; row < end; row++)
        {
            var xi = R.Splat(x[*row]);
            var at = (long)*row * stride + j;
            float* w = alpha + at, h = trace + at;
            a = R.Fma(xi, R.Load(w) * R.Load(h), a);
            b = R.Fma(xi, R.Load(w + second) * R.Load(h + second), b);
            c = R.Fma(xi, R.Load(w + third) * R.Load(h + third), c);
            d = R.Fma(xi, R.Load(w + fourth) * R.Load(h + fourth), d);
        }
        a.Store(to);
        b.Store(to + second);
        c.Store(to + third);
        d.Store(to + fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One<R>(int j) where R : struct, IRegister<R>
    {
        var sum = R.Load(y + j);
        for (int* row = listed, end = listed + count; row < end; row++)
        {
            var at = (long)*row * stride + j;
            sum = R.Fma(R.Splat(x[*row]), R.Load(alpha + at) * R.Load(trace + at), sum);
        }
        sum.Store(y + j);
    }
}
