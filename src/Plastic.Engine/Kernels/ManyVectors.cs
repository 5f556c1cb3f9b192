namespace Plastic.Engine;

/// <summary>The product of a strip of a matrix with many vectors, z_k = Aᵀx_k, by the tile that suits the strip.</summary>
internal static unsafe class ManyVectors<R> where R : struct, IRegister<R>
{
    /// <summary>Vectors are taken by so many at least: as many are read and written, whatever <c>count</c> is.</summary>
    public const int Least = 4;

    /// <param name="a">The strip's first element.</param>
    /// <param name="aStride">Floats from one row to the next.</param>
    /// <param name="strip">Its columns, as <see cref="ProductTile{R}.Strip"/> gives them.</param>
    /// <param name="x">The vectors.</param>
    /// <param name="count">How many there are, up to a multiple of <see cref="Least"/>.</param>
    /// <param name="rows">Their elements.</param>
    /// <param name="to">Takes the sums.</param>
    /// <param name="at">Where the strip of z_0 is.</param>
    /// <param name="stride">Floats from one z_k to the next.</param>
    public static void Multiply<TEpilogue>(
        float* a, long aStride, int strip, VectorTile x, int count, int rows, TEpilogue to, long at, long stride)
        where TEpilogue : struct, IEpilogue
    {
        var k = 0;
        if (EightTile<R>.Suits(strip))
        {
            for (; k + EightTile<R>.Vectors <= count; k += EightTile<R>.Vectors)
            {
                EightTile<R>.Multiply(a, aStride, strip, new VectorTile(x.First + k * x.Stride, x.Stride, x.Step), rows, to, at + k * stride, stride);
            }
        }
        for (; k < count; k += Least)
        {
            ProductTile<R>.Multiply(a, aStride, strip, new VectorTile(x.First + k * x.Stride, x.Stride, x.Step), rows, to, at + k * stride, stride);
        }
    }
}
