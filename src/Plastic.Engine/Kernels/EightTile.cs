using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// The product of a narrow strip of a matrix with eight vectors, z_k = Aᵀx_k: where a strip has only one register of columns, or two,
/// four vectors leave the units waiting for one another. Each element is one chain of fused multiply-adds in order, as in
/// <see cref="ProductTile{R}"/>: so the bits are the same.
/// </summary>
internal static unsafe class EightTile<R> where R : struct, IRegister<R>
{
    /// <summary>How many vectors there are.</summary>
    public const int Vectors = 8;

    /// <summary>Whether a strip is so narrow: sums and operands must fit the registers.</summary>
    public static bool Suits(int strip) => strip == R.Width || (strip == 2 * R.Width && R.AreMany);

    /// <summary>z_k = Aᵀx_k for the columns of a strip.</summary>
    /// <param name="a">The strip's first element.</param>
    /// <param name="aStride">Floats from one row to the next.</param>
    /// <param name="strip">Its columns: one register of them, or two.</param>
    /// <param name="x">The vectors, as if there were eight.</param>
    /// <param name="rows">Their elements.</param>
    /// <param name="to">Takes the sums.</param>
    /// <param name="at">Where the strip of z_0 is.</param>
    /// <param name="stride">Floats from one z_k to the next.</param>
    public static void Multiply<TEpilogue>(float* a, long aStride, int strip, VectorTile x, int rows, TEpilogue to, long at, long stride)
        where TEpilogue : struct, IEpilogue
    {
        if (strip == R.Width)
        {
            One(a, aStride, x, rows, to, at, stride);
        }
        else
        {
            Two(a, aStride, x, rows, to, at, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void One<TEpilogue>(float* a, long aStride, VectorTile x, int rows, TEpilogue to, long at, long stride)
        where TEpilogue : struct, IEpilogue
    {
        long z4 = at + 4 * stride, second = stride, third = 2 * stride, fourth = 3 * stride;
        R s0 = R.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        if (TEpilogue.IsContinued)
        {
            (s0, s1, s2, s3) = (to.Start<R>(at), to.Start<R>(at + second), to.Start<R>(at + third), to.Start<R>(at + fourth));
            (s4, s5, s6, s7) = (to.Start<R>(z4), to.Start<R>(z4 + second), to.Start<R>(z4 + third), to.Start<R>(z4 + fourth));
        }
        // Offsets of bytes: so each element is one address of a base and a register.
        nint b = (nint)(x.Stride * sizeof(float)), c = 2 * b, d = 3 * b, step = (nint)(x.Step * sizeof(float));
        byte* x0 = (byte*)x.First, x4 = x0 + 4 * b;
        for (var i = 0; i < rows; i++, a += aStride, x0 += step, x4 += step)
        {
            var w = R.Load(a);
            s0 = R.Fma(R.Splat(*(float*)x0), w, s0);
            s1 = R.Fma(R.Splat(*(float*)(x0 + b)), w, s1);
            s2 = R.Fma(R.Splat(*(float*)(x0 + c)), w, s2);
            s3 = R.Fma(R.Splat(*(float*)(x0 + d)), w, s3);
            s4 = R.Fma(R.Splat(*(float*)x4), w, s4);
            s5 = R.Fma(R.Splat(*(float*)(x4 + b)), w, s5);
            s6 = R.Fma(R.Splat(*(float*)(x4 + c)), w, s6);
            s7 = R.Fma(R.Splat(*(float*)(x4 + d)), w, s7);
        }
        to.Store(at, s0);
        to.Store(at + second, s1);
        to.Store(at + third, s2);
        to.Store(at + fourth, s3);
        to.Store(z4, s4);
        to.Store(z4 + second, s5);
        to.Store(z4 + third, s6);
        to.Store(z4 + fourth, s7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Two<TEpilogue>(float* a, long aStride, VectorTile x, int rows, TEpilogue to, long at, long stride)
        where TEpilogue : struct, IEpilogue
    {
        var w1 = R.Width;
        long z4 = at + 4 * stride, second = stride, third = 2 * stride, fourth = 3 * stride;
        R s0 = R.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        R t0 = s0, t1 = s0, t2 = s0, t3 = s0, t4 = s0, t5 = s0, t6 = s0, t7 = s0;
        if (TEpilogue.IsContinued)
        {
            (s0, s1, s2, s3) = (to.Start<R>(at), to.Start<R>(at + second), to.Start<R>(at + third), to.Start<R>(at + fourth));
            (s4, s5, s6, s7) = (to.Start<R>(z4), to.Start<R>(z4 + second), to.Start<R>(z4 + third), to.Start<R>(z4 + fourth));
            (t0, t1) = (to.Start<R>(at + w1), to.Start<R>(at + second + w1));
            (t2, t3) = (to.Start<R>(at + third + w1), to.Start<R>(at + fourth + w1));
            (t4, t5) = (to.Start<R>(z4 + w1), to.Start<R>(z4 + second + w1));
            (t6, t7) = (to.Start<R>(z4 + third + w1), to.Start<R>(z4 + fourth + w1));
        }
        nint b = (nint)(x.Stride * sizeof(float)), c = 2 * b, d = 3 * b, step = (nint)(x.Step * sizeof(float));
        byte* x0 = (byte*)x.First, x4 = x0 + 4 * b;
        for (var i = 0; i < rows; i++, a += aStride, x0 += step, x4 += step)
        {
            R u = R.Load(a), v = R.Load(a + w1);
            var xi = R.Splat(*(float*)x0);
            (s0, t0) = (R.Fma(xi, u, s0), R.Fma(xi, v, t0));
            xi = R.Splat(*(float*)(x0 + b));
            (s1, t1) = (R.Fma(xi, u, s1), R.Fma(xi, v, t1));
            xi = R.Splat(*(float*)(x0 + c));
            (s2, t2) = (R.Fma(xi, u, s2), R.Fma(xi, v, t2));
            xi = R.Splat(*(float*)(x0 + d));
            (s3, t3) = (R.Fma(xi, u, s3), R.Fma(xi, v, t3));
            xi = R.Splat(*(float*)x4);
            (s4, t4) = (R.Fma(xi, u, s4), R.Fma(xi, v, t4));
            xi = R.Splat(*(float*)(x4 + b));
            (s5, t5) = (R.Fma(xi, u, s5), R.Fma(xi, v, t5));
            xi = R.Splat(*(float*)(x4 + c));
            (s6, t6) = (R.Fma(xi, u, s6), R.Fma(xi, v, t6));
            xi = R.Splat(*(float*)(x4 + d));
            (s7, t7) = (R.Fma(xi, u, s7), R.Fma(xi, v, t7));
        }
        Store(to, at, s0, t0);
        Store(to, at + second, s1, t1);
        Store(to, at + third, s2, t2);
        Store(to, at + fourth, s3, t3);
        Store(to, z4, s4, t4);
        Store(to, z4 + second, s5, t5);
        Store(to, z4 + third, s6, t6);
        Store(to, z4 + fourth, s7, t7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TEpilogue>(TEpilogue to, long at, R first, R second) where TEpilogue : struct, IEpilogue
    {
        to.Store(at, first);
        to.Store(at + R.Width, second);
    }
}
