using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Plastic.Engine;

/// <summary>
/// A matrix cut for products into panels of <see cref="Wide"/> columns, and of <see cref="Lanes.Count"/> where fewer are
/// left: row after row of a panel is read as one stream, and a block of it stays in the first-level cache.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>Columns of a panel.</summary>
    public const int Wide = 4 * Lanes.Count;

    /// <summary>Vectors that are multiplied with a panel at once; they are interleaved element by element.</summary>
    public const int Columns = 4;

    /// <summary>The number of tiles for a number of vectors.</summary>
    public static int Tiles(int vectors) => (vectors + Columns - 1) / Columns;

    /// <summary>The columns of the panel that starts at column j.</summary>
    public static int Width(int j, int columns) => columns - j >= Wide ? Wide : Lanes.Count;

    /// <summary>A matrix of whole vectors per row, cut into panels.</summary>
    public static void Cut(float* from, int rows, int columns, float* to)
    {
        for (int j = 0, width; j < columns; j += width)
        {
            width = Width(j, columns);
            for (var i = 0; i < rows; i++, to += width)
            {
                new ReadOnlySpan<float>(from + (long)i * columns + j, width).CopyTo(new Span<float>(to, width));
            }
        }
    }

    /// <summary>The transpose of a matrix cut into panels; its columns, the matrix's rows, are padded to whole vectors.</summary>
    public static void CutTransposed(float* from, int rows, int columns, float* to)
    {
        var padded = Lanes.Padded(rows);
        for (int i = 0, width; i < padded; i += width)
        {
            width = Width(i, padded);
            for (var k = 0; k < Math.Min(width, rows - i); k++)
            {
                var row = from + (long)(i + k) * columns;
                for (var j = 0; j < columns; j++)
                {
                    to[j * width + k] = row[j];
                }
            }
            to += (long)width * columns;
        }
    }

    /// <summary>The position of a column's vector in interleaved tiles.</summary>
    public static float* Lane(float* tiles, int column, int length) =>
        tiles + (long)(column / Columns) * Columns * length + column % Columns;

    /// <summary>Interleaves vectors into the columns from the given one on.</summary>
    /// <param name="tiles">Tiles of <see cref="Columns"/> vectors.</param>
    /// <param name="column">The column of the first vector.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="count">How many.</param>
    /// <param name="length">Their elements, a multiple of four.</param>
    public static void Interleave(float* tiles, int column, VectorSeries vectors, int count, int length)
    {
        var g = 0;
        for (; g + Columns <= count; g += Columns)
        {
            Interleave(Lane(tiles, column + g, length), vectors[g], vectors[g + 1], vectors[g + 2], vectors[g + 3], length);
        }
        for (; g < count; g++)
        {
            Interleave(Lane(tiles, column + g, length), vectors[g], length);
        }
    }

    /// <summary>One vector among those interleaved.</summary>
    public static void Interleave(float* to, float* from, int length)
    {
        for (var i = 0; i < length; i++)
        {
            to[Columns * i] = from[i];
        }
    }

    /// <summary>Four vectors interleaved; their length is a multiple of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave(float* to, float* a, float* b, float* c, float* d, int length)
    {
        if (!Sse.IsSupported)
        {
            Interleave(to, a, length);
            Interleave(to + 1, b, length);
            Interleave(to + 2, c, length);
            Interleave(to + 3, d, length);
            return;
        }
        for (var i = 0; i < length; i += 4, to += 4 * Columns)
        {
            Vector128<float> va = Vector128.Load(a + i), vb = Vector128.Load(b + i), vc = Vector128.Load(c + i), vd = Vector128.Load(d + i);
            Vector128<float> ab = Sse.UnpackLow(va, vb), cd = Sse.UnpackLow(vc, vd);
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to + 4);
            (ab, cd) = (Sse.UnpackHigh(va, vb), Sse.UnpackHigh(vc, vd));
            Sse.MoveLowToHigh(ab, cd).Store(to + 8);
            Sse.MoveHighToLow(cd, ab).Store(to + 12);
        }
    }
}
