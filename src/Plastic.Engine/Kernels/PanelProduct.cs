namespace Plastic.Engine;

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
            var strip = Math.Min(width, ProductTile<R>.Widest);
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
        float* x = u + (long)i * Panels.Columns, to = z + j;
        for (var tile = 0; tile < tiles; tile++, x += (long)rows * Panels.Columns, to += (long)columns * Panels.Columns)
        {
            ProductTile<R>.Multiply(block, width, strip, i == 0, new VectorTile(x, 1, Panels.Columns), count, to, columns);
        }
    }
}
