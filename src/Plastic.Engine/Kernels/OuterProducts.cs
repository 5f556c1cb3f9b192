using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>M ← M + Σ p ⊗ q.</summary>
internal readonly unsafe struct AddTo(float* matrix) : IEpilogue
{
    public static bool IsContinued => false;

    public R Start<R>(long at) where R : struct, IRegister<R> => R.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long at, R sum) where R : struct, IRegister<R> => (R.Load(matrix + at) + sum).Store(matrix + at);
}

/// <summary>F = d·F(a) + α∘Σ p ⊗ q; F(a) is zero where there is none.</summary>
internal readonly unsafe struct DecayAndAdd(float* to, float decay, float* from, float* alpha) : IEpilogue
{
    public static bool IsContinued => false;

    public R Start<R>(long at) where R : struct, IRegister<R> => R.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long at, R sum) where R : struct, IRegister<R>
    {
        var next = R.Load(alpha + at) * sum;
        (from == null ? next : R.Fma(R.Splat(decay), R.Load(from + at), next)).Store(to + at);
    }
}

/// <summary>
/// S = Σ_k p_k ⊗ q_k. With the vectors as the rows of P and Q this is the matrix product PᵀQ, so a tile of S stays in registers over
/// all k (<see cref="ProductTile{R}"/>), instead of being read and written by one update of rank one after another.
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
        for (int j = 0, strip; j < stride; j += strip)
        {
            strip = ProductTile<R>.Strip(stride - j);
            for (var i = 0; i < rows; i += Tile)
            {
                // Rows i … i + 3 of S are Qᵀ times columns i … i + 3 of P.
                ProductTile<R>.Multiply(
                    q[0] + j, q.Stride, strip, new VectorTile(p[0] + i, 1, p.Stride), count, to, (long)i * stride + j, stride);
            }
        }
    }
}
