using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// Products of a matrix in panels with many vectors, which do nearly all the arithmetic of a network. A tile of four
/// vectors uses sixteen accumulators for four loads of the matrix; each element of the result is one chain of fused
/// multiply-adds over the rows in order.
/// </summary>
internal static unsafe class PanelProducts<V> where V : struct, ILanes<V>
{
    /// <summary>Rows of a panel that stay in the first-level cache while the tiles pass over them.</summary>
    private const int Block = 128;

    /// <summary>z_c = Aᵀu_c for every vector c.</summary>
    /// <param name="panels">A [rows, columns] in panels, as <see cref="Panels.Cut"/> writes it.</param>
    /// <param name="rows">Elements of each u_c.</param>
    /// <param name="columns">Elements of each z_c.</param>
    /// <param name="u">Tiles of four interleaved vectors.</param>
    /// <param name="tiles">How many tiles.</param>
    /// <param name="z">Four vectors for each tile, one after the other.</param>
    public static void Multiply(float* panels, int rows, int columns, float* u, int tiles, float* z)
    {
        for (int j = 0, width; j < columns; j += width, panels += (long)width * rows)
        {
            width = Panels.Width(j, columns);
            for (var i = 0; i < rows; i += Block)
            {
                var block = Math.Min(Block, rows - i);
                float* a = panels + (long)i * width, x = u + (long)i * Panels.Columns, to = z + j;
                var isFirst = i == 0;
                for (var tile = 0; tile < tiles; tile++, x += (long)rows * Panels.Columns, to += (long)columns * Panels.Columns)
                {
                    if (width != Panels.Wide || !V.HoldsTiles)
                    {
                        for (var k = 0; k < width; k += Lanes.Count)
                        {
                            One(a + k, width, x, block, to + k, columns, isFirst);
                        }
                    }
                    else if (isFirst)
                    {
                        Four<Yes>(a, x, block, to, columns);
                    }
                    else
                    {
                        Four<No>(a, x, block, to, columns);
                    }
                }
            }
        }
    }

    /// <summary>z = Aᵀx for one vector, with the bits of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyOne(float* panels, int rows, int columns, float* x, float* z)
    {
        for (int j = 0, width; j < columns; j += width, panels += (long)width * rows)
        {
            width = Panels.Width(j, columns);
            if (width == Panels.Wide)
            {
                V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
                var row = panels;
                for (var i = 0; i < rows; i++, row += Panels.Wide)
                {
                    var xi = V.Splat(x[i]);
                    a = V.Fma(xi, V.Load(row), a);
                    b = V.Fma(xi, V.Load(row + Lanes.Second), b);
                    c = V.Fma(xi, V.Load(row + Lanes.Third), c);
                    d = V.Fma(xi, V.Load(row + Lanes.Fourth), d);
                }
                Store(z + j, a, b, c, d);
            }
            else
            {
                var sum = V.Zero;
                for (var i = 0; i < rows; i++)
                {
                    sum = V.Fma(V.Splat(x[i]), V.Load(panels + i * Lanes.Count), sum);
                }
                sum.Store(z + j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TFirst>(float* panel, float* u, int rows, float* z0, int columns) where TFirst : struct, IFlag
    {
        float* z1 = z0 + columns, z2 = z1 + columns, z3 = z2 + columns;
        V a0 = Start<TFirst>(z0), a1 = Start<TFirst>(z0 + Lanes.Second), a2 = Start<TFirst>(z0 + Lanes.Third), a3 = Start<TFirst>(z0 + Lanes.Fourth);
        V b0 = Start<TFirst>(z1), b1 = Start<TFirst>(z1 + Lanes.Second), b2 = Start<TFirst>(z1 + Lanes.Third), b3 = Start<TFirst>(z1 + Lanes.Fourth);
        V c0 = Start<TFirst>(z2), c1 = Start<TFirst>(z2 + Lanes.Second), c2 = Start<TFirst>(z2 + Lanes.Third), c3 = Start<TFirst>(z2 + Lanes.Fourth);
        V d0 = Start<TFirst>(z3), d1 = Start<TFirst>(z3 + Lanes.Second), d2 = Start<TFirst>(z3 + Lanes.Third), d3 = Start<TFirst>(z3 + Lanes.Fourth);
        for (var i = 0; i < rows; i++, panel += Panels.Wide, u += Panels.Columns)
        {
            V w0 = V.Load(panel), w1 = V.Load(panel + Lanes.Second), w2 = V.Load(panel + Lanes.Third), w3 = V.Load(panel + Lanes.Fourth);
            var x = V.Splat(u[0]);
            a0 = V.Fma(x, w0, a0);
            a1 = V.Fma(x, w1, a1);
            a2 = V.Fma(x, w2, a2);
            a3 = V.Fma(x, w3, a3);
            x = V.Splat(u[1]);
            b0 = V.Fma(x, w0, b0);
            b1 = V.Fma(x, w1, b1);
            b2 = V.Fma(x, w2, b2);
            b3 = V.Fma(x, w3, b3);
            x = V.Splat(u[2]);
            c0 = V.Fma(x, w0, c0);
            c1 = V.Fma(x, w1, c1);
            c2 = V.Fma(x, w2, c2);
            c3 = V.Fma(x, w3, c3);
            x = V.Splat(u[3]);
            d0 = V.Fma(x, w0, d0);
            d1 = V.Fma(x, w1, d1);
            d2 = V.Fma(x, w2, d2);
            d3 = V.Fma(x, w3, d3);
        }
        Store(z0, a0, a1, a2, a3);
        Store(z1, b0, b1, b2, b3);
        Store(z2, c0, c1, c2, c3);
        Store(z3, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* panel, int width, float* u, int rows, float* z, int columns, bool isFirst)
    {
        float* z1 = z + columns, z2 = z1 + columns, z3 = z2 + columns;
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        if (!isFirst)
        {
            (a, b, c, d) = (V.Load(z), V.Load(z1), V.Load(z2), V.Load(z3));
        }
        for (var i = 0; i < rows; i++, panel += width, u += Panels.Columns)
        {
            var w = V.Load(panel);
            a = V.Fma(V.Splat(u[0]), w, a);
            b = V.Fma(V.Splat(u[1]), w, b);
            c = V.Fma(V.Splat(u[2]), w, c);
            d = V.Fma(V.Splat(u[3]), w, d);
        }
        a.Store(z);
        b.Store(z1);
        c.Store(z2);
        d.Store(z3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start<TFirst>(float* z) where TFirst : struct, IFlag => TFirst.IsSet ? V.Zero : V.Load(z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* z, V a, V b, V c, V d)
    {
        a.Store(z);
        b.Store(z + Lanes.Second);
        c.Store(z + Lanes.Third);
        d.Store(z + Lanes.Fourth);
    }
}
