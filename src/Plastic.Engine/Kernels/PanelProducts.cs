using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// Products of a matrix in panels with many vectors, which do nearly all the arithmetic of a network. Each element of the result is one
/// chain of fused multiply-adds over the rows in order.
/// </summary>
internal static unsafe class PanelProducts<V> where V : struct, ILanes<V>
{
    /// <summary>z_c = Aᵀu_c for every vector c.</summary>
    /// <param name="panels">A [rows, columns] in panels, as <see cref="Panels.Cut"/> writes it.</param>
    /// <param name="rows">Elements of each u_c.</param>
    /// <param name="columns">Elements of each z_c.</param>
    /// <param name="u">Tiles of four interleaved vectors.</param>
    /// <param name="tiles">How many tiles.</param>
    /// <param name="z">Four vectors for each tile, one after the other.</param>
    public static void Multiply(float* panels, int rows, int columns, float* u, int tiles, float* z) =>
        V.Run(new PanelProduct(panels, rows, columns, u, tiles, z));

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* z, V a, V b, V c, V d)
    {
        a.Store(z);
        b.Store(z + Lanes.Second);
        c.Store(z + Lanes.Third);
        d.Store(z + Lanes.Fourth);
    }
}
