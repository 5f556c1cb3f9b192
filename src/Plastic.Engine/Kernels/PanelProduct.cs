using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>z = Σ, from zero.</summary>
internal readonly unsafe struct Write(float* z) : IEpilogue
{
    public static bool IsContinued => false;

    public R Start<R>(long at) where R : struct, IRegister<R> => R.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long at, R sum) where R : struct, IRegister<R> => sum.Store(z + at);
}

/// <summary>z = z + Σ, in the chain of z.</summary>
internal readonly unsafe struct Continue(float* z) : IEpilogue
{
    public static bool IsContinued => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public R Start<R>(long at) where R : struct, IRegister<R> => R.Load(z + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long at, R sum) where R : struct, IRegister<R> => sum.Store(z + at);
}

/// <summary>The product of a matrix in panels with tiles of four vectors, strip by strip.</summary>
internal readonly unsafe struct PanelProduct(float* panels, int rows, int columns, float* u, int tiles, float* z) : IRegisterKernel
{
    /// <summary>Rows of a panel that stay in the first-level cache while the tiles pass over them.</summary>
    private const int Block = 128;

    public void Run<R>() where R : struct, IRegister<R>
    {
        var panel = panels;
        for (int j = 0, width; j < columns; j += width, panel += (long)width * rows)
        {
            width = Panels.Width(j, columns);
            var strip = ProductTile<R>.Strip(width);
            for (var i = 0; i < rows; i += Block)
            {
                for (var k = 0; k < width; k += strip)
                {
                    Strip<R>(panel + (long)i * width + k, width, strip, i, j + k);
                }
            }
        }
    }

    /// <summary>All tiles with a block of rows from row i on, and a strip of columns from column j on.</summary>
    private void Strip<R>(float* block, int width, int strip, int i, int j) where R : struct, IRegister<R>
    {
        var count = Math.Min(Block, rows - i);
        var x = u + (long)i * Panels.Columns;
        long at = j;
        for (var tile = 0; tile < tiles; tile++, x += (long)rows * Panels.Columns, at += (long)columns * Panels.Columns)
        {
            var vectors = new VectorTile(x, 1, Panels.Columns);
            if (i == 0)
            {
                ProductTile<R>.Multiply(block, width, strip, vectors, count, new Write(z), at, columns);
            }
            else
            {
                ProductTile<R>.Multiply(block, width, strip, vectors, count, new Continue(z), at, columns);
            }
        }
    }
}
