using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>What is done with a sum of outer products while it is still in registers.</summary>
internal unsafe interface IEpilogue
{
    /// <summary>Takes one register of sums, <paramref name="at"/> floats from the matrix's start.</summary>
    void Store<R>(long at, R sum) where R : struct, IRegister<R>;
}

/// <summary>M ← M + Σ p ⊗ q.</summary>
internal readonly unsafe struct AddTo(float* matrix) : IEpilogue
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long at, R sum) where R : struct, IRegister<R> => (R.Load(matrix + at) + sum).Store(matrix + at);
}

/// <summary>F = d·F(a) + α∘Σ p ⊗ q; F(a) is zero where there is none.</summary>
internal readonly unsafe struct DecayAndAdd(float* to, float decay, float* from, float* alpha) : IEpilogue
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long at, R sum) where R : struct, IRegister<R>
    {
        var next = R.Load(alpha + at) * sum;
        (from == null ? next : R.Fma(R.Splat(decay), R.Load(from + at), next)).Store(to + at);
    }
}

/// <summary>
/// S = Σ_k p_k ⊗ q_k. With the vectors as the rows of P and Q this is the matrix product PᵀQ, so a tile of S stays in registers over
/// all k, instead of being read and written by one update of rank one after another. Each element is a chain of fused multiply-adds from
/// zero over k in order.
/// </summary>
/// <param name="to">Takes the sums.</param>
/// <param name="stride">Floats of a row.</param>
/// <param name="rows">Rows, a multiple of four.</param>
/// <param name="p">The vectors of the rows.</param>
/// <param name="q">The vectors of the columns.</param>
/// <param name="count">How many of each.</param>
internal readonly unsafe struct OuterProducts<TEpilogue>(TEpilogue to, int stride, int rows, VectorSeries p, VectorSeries q, int count)
    : IRegisterKernel
    where TEpilogue : struct, IEpilogue
{
    private const int Tile = 4;

    public void Run<R>() where R : struct, IRegister<R>
    {
        var j = 0;
        for (; R.AreMany && j <= stride - 4 * R.Width; j += 4 * R.Width)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                Four<R>(i, j);
            }
        }
        for (; j <= stride - 2 * R.Width; j += 2 * R.Width)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                Two<R>(i, j);
            }
        }
        for (; j < stride; j += R.Width)
        {
            for (var i = 0; i < rows; i += Tile)
            {
                One<R>(i, j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four<R>(int i, int j) where R : struct, IRegister<R>
    {
        int second = R.Width, third = second + second, fourth = third + second;
        var zero = R.Zero;
        R a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        R c0 = zero, c1 = zero, c2 = zero, c3 = zero, d0 = zero, d1 = zero, d2 = zero, d3 = zero;
        float* pk = p[0] + i, qk = q[0] + j;
        long pStride = p.Stride, qStride = q.Stride;
        for (var k = 0; k < count; k++, pk += pStride, qk += qStride)
        {
            R q0 = R.Load(qk), q1 = R.Load(qk + second), q2 = R.Load(qk + third), q3 = R.Load(qk + fourth);
            var x = R.Splat(pk[0]);
            a0 = R.Fma(x, q0, a0);
            a1 = R.Fma(x, q1, a1);
            a2 = R.Fma(x, q2, a2);
            a3 = R.Fma(x, q3, a3);
            x = R.Splat(pk[1]);
            b0 = R.Fma(x, q0, b0);
            b1 = R.Fma(x, q1, b1);
            b2 = R.Fma(x, q2, b2);
            b3 = R.Fma(x, q3, b3);
            x = R.Splat(pk[2]);
            c0 = R.Fma(x, q0, c0);
            c1 = R.Fma(x, q1, c1);
            c2 = R.Fma(x, q2, c2);
            c3 = R.Fma(x, q3, c3);
            x = R.Splat(pk[3]);
            d0 = R.Fma(x, q0, d0);
            d1 = R.Fma(x, q1, d1);
            d2 = R.Fma(x, q2, d2);
            d3 = R.Fma(x, q3, d3);
        }
        var at = (long)i * stride + j;
        Store(at, second, a0, a1);
        Store(at + third, second, a2, a3);
        Store(at + stride, second, b0, b1);
        Store(at + stride + third, second, b2, b3);
        Store(at + 2 * stride, second, c0, c1);
        Store(at + 2 * stride + third, second, c2, c3);
        Store(at + 3 * stride, second, d0, d1);
        Store(at + 3 * stride + third, second, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Two<R>(int i, int j) where R : struct, IRegister<R>
    {
        var second = R.Width;
        R a0 = R.Zero, a1 = R.Zero, b0 = R.Zero, b1 = R.Zero, c0 = R.Zero, c1 = R.Zero, d0 = R.Zero, d1 = R.Zero;
        float* pk = p[0] + i, qk = q[0] + j;
        long pStride = p.Stride, qStride = q.Stride;
        for (var k = 0; k < count; k++, pk += pStride, qk += qStride)
        {
            R q0 = R.Load(qk), q1 = R.Load(qk + second);
            var x = R.Splat(pk[0]);
            a0 = R.Fma(x, q0, a0);
            a1 = R.Fma(x, q1, a1);
            x = R.Splat(pk[1]);
            b0 = R.Fma(x, q0, b0);
            b1 = R.Fma(x, q1, b1);
            x = R.Splat(pk[2]);
            c0 = R.Fma(x, q0, c0);
            c1 = R.Fma(x, q1, c1);
            x = R.Splat(pk[3]);
            d0 = R.Fma(x, q0, d0);
            d1 = R.Fma(x, q1, d1);
        }
        var at = (long)i * stride + j;
        Store(at, second, a0, a1);
        Store(at + stride, second, b0, b1);
        Store(at + 2 * stride, second, c0, c1);
        Store(at + 3 * stride, second, d0, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One<R>(int i, int j) where R : struct, IRegister<R>
    {
        R a = R.Zero, b = R.Zero, c = R.Zero, d = R.Zero;
        float* pk = p[0] + i, qk = q[0] + j;
        for (var k = 0; k < count; k++, pk += p.Stride, qk += q.Stride)
        {
            var w = R.Load(qk);
            a = R.Fma(R.Splat(pk[0]), w, a);
            b = R.Fma(R.Splat(pk[1]), w, b);
            c = R.Fma(R.Splat(pk[2]), w, c);
            d = R.Fma(R.Splat(pk[3]), w, d);
        }
        var at = (long)i * stride + j;
        to.Store(at, a);
        to.Store(at + stride, b);
        to.Store(at + 2 * stride, c);
        to.Store(at + 3 * stride, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<R>(long at, int second, R a, R b) where R : struct, IRegister<R>
    {
        to.Store(at, a);
        to.Store(at + second, b);
    }
}
