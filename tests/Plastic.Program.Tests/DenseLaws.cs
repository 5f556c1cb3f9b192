using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// The update of a dense synapse and its adjoint against their meaning in float64 (<see cref="DenseOracle"/>): with everything that an update
/// may have and without it, over several shapes; and the same bits on every kind of lanes.
/// </summary>
public sealed class DenseLaws
{
    // Of the largest magnitude in a tensor, or of 1: sums of some thousand products, rounded to float.
    private const double Tolerance = 1e-4;

    private static readonly (int Rows, int Columns)[] Shapes = [(1, 1), (4, 16), (5, 17), (30, 40), (130, 70)];

    [Fact]
    public void A_dense_update_and_its_adjoint_are_what_they_mean()
    {
        for (var flags = 0; flags < 16; flags++)
        {
            foreach (var (rows, columns) in Shapes)
            {
                var wide = Results<WideLanes>(flags, rows, columns);
                Assert.Equal(wide, Results<PairLanes>(flags, rows, columns));
                Assert.Equal(wide, Results<QuadLanes>(flags, rows, columns));
            }
        }
    }

    private static float[] Results<V>(int flags, int rows, int columns) where V : struct, ILanes<V>
    {
        using var dense = new DenseCase(rows, columns, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0);
        var found = dense.Run<V>();
        Near(dense.Expected(), found);
        return [.. found.SelectMany(tensor => tensor)];
    }

    private static void Near(IReadOnlyList<double[]> expected, IReadOnlyList<float[]> found)
    {
        Assert.Equal(expected.Count, found.Count);
        for (var n = 0; n < expected.Count; n++)
        {
            var largest = Math.Max(1, expected[n].Max(Math.Abs));
            Assert.All(expected[n].Zip(found[n]), x => Assert.InRange(x.Second, x.First - Tolerance * largest, x.First + Tolerance * largest));
        }
    }
}
