using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The engine's arithmetic kernels against plain loops in float64, at sizes that cover every path through them.</summary>
public sealed unsafe class KernelTests
{
    /// <summary>More rows than a block, whole panels and a rest; less than either; one of each; more rows than are listed at once.</summary>
    public static TheoryData<int, int> Shapes => new() { { 300, 144 }, { 4, 16 }, { 128, 64 }, { 132, 80 }, { 512, 128 }, { 1028, 16 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_with_panels(int rows, int columns)
    {
        Products<WideLanes>(rows, columns);
        Products<PairLanes>(rows, columns);
        Products<QuadLanes>(rows, columns);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_with_a_matrix(int rows, int columns)
    {
        MatrixProductsOf<WideLanes>(rows, columns);
        MatrixProductsOf<PairLanes>(rows, columns);
        MatrixProductsOf<QuadLanes>(rows, columns);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Sums_of_outer_products(int rows, int columns)
    {
        using var memory = new Floats(2);
        const int count = 7;
        float* p = memory.Uniform(count * rows), q = memory.Uniform(count * columns);
        float* alpha = memory.Uniform(rows * columns), from = memory.Uniform(rows * columns);
        float* sum = memory.Copy(from, rows * columns), fresh = memory.Uniform(rows * columns), moved = memory.Uniform(rows * columns);
        VectorSeries ps = new(p, rows), qs = new(q, columns);
        WideLanes.Run(new OuterProducts<AddTo>(new(sum), columns, rows, ps, qs, count));
        QuadLanes.Run(new OuterProducts<DecayAndAdd>(new(fresh, 0, null, alpha), columns, rows, ps, qs, count));
        PairLanes.Run(new OuterProducts<DecayAndAdd>(new(moved, 0.5f, from, alpha), columns, rows, ps, qs, count));
        for (var at = 0; at < rows * columns; at++)
        {
            var outer = Sum(count, k => (double)p[k * rows + at / columns] * q[k * columns + at % columns]);
            Near(from[at] + outer, sum[at]);
            Near(alpha[at] * outer, fresh[at]);
            Near(0.5 * from[at] + alpha[at] * outer, moved[at]);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_chunk_runs_backward_step_by_step(int rows, int columns)
    {
        RunsBackward<WideLanes>(rows, columns);
        RunsBackward<PairLanes>(rows, columns);
        RunsBackward<QuadLanes>(rows, columns);
    }

    private static void Products<V>(int rows, int columns) where V : struct, ILanes<V>
    {
        using var memory = new Floats(3);
        const int tiles = 3;
        float* a = memory.Uniform(rows * columns), panels = memory.Uniform(rows * columns), x = memory.Uniform(4 * tiles * rows);
        float* u = memory.Uniform(4 * tiles * rows), z = memory.Uniform(4 * tiles * columns), one = memory.Uniform(columns);
        Panels.Cut(a, rows, columns, panels);
        for (var tile = 0; tile < tiles; tile++)
        {
            var first = x + 4 * tile * rows;
            Panels.Interleave(u + 4 * tile * rows, first, first + rows, first + 2 * rows, first + 3 * rows, rows);
        }
        PanelProducts<V>.Multiply(panels, rows, columns, u, tiles, z);
        PanelProducts<V>.MultiplyOne(panels, rows, columns, x, one);
        for (var c = 0; c < 4 * tiles; c++)
        {
            for (var j = 0; j < columns; j++)
            {
                Near(Sum(rows, i => (double)a[i * columns + j] * x[c * rows + i]), z[c * columns + j]);
                if (c == 0) Assert.Equal(z[j], one[j]);
            }
        }

        // The same matrix transposed: [columns, rows], rows padded to whole vectors.
        var padded = Lanes.Padded(rows);
        float* transposed = memory.Zeros(columns * padded), v = memory.Uniform(columns), w = memory.Uniform(padded);
        Panels.CutTransposed(a, rows, columns, transposed);
        PanelProducts<V>.MultiplyOne(transposed, columns, padded, v, w);
        for (var i = 0; i < padded; i++)
        {
            Near(i < rows ? Sum(columns, j => (double)a[i * columns + j] * v[j]) : 0, w[i]);
        }
    }

    private static void MatrixProductsOf<V>(int rows, int columns) where V : struct, ILanes<V>
    {
        using var memory = new Floats(1);
        float* m = memory.Uniform(rows * columns), x = memory.Uniform(4 * rows), v = memory.Uniform(4 * columns);
        float* y = memory.Uniform(4 * columns), u = memory.Uniform(4 * rows), before = memory.Copy(y, 4 * columns), beforeU = memory.Copy(u, 4 * rows);
        MatrixProducts<V>.ApplyFour(m, columns, rows, new VectorSeries(x, rows), new VectorSeries(y, columns));
        MatrixProducts<V>.ApplyTFour(m, columns, rows, new VectorSeries(v, columns), new VectorSeries(u, rows));
        float* single = memory.Copy(before, columns), singleT = memory.Copy(beforeU, rows);
        MatrixProducts<V>.Apply(new StoredMatrix(m), columns, rows, x, single);
        MatrixProducts<V>.ApplyT(new StoredMatrix(m), columns, rows, v, singleT);
        for (var k = 0; k < 4; k++)
        {
            for (var j = 0; j < columns; j++)
            {
                Near(before[k * columns + j] + Sum(rows, i => (double)m[i * columns + j] * x[k * rows + i]), y[k * columns + j]);
                if (k == 0) Near(y[j], single[j]);
            }
            for (var i = 0; i < rows; i++)
            {
                Near(beforeU[k * rows + i] + Sum(columns, j => (double)m[i * columns + j] * v[k * columns + j]), u[k * rows + i]);
                if (k == 0) Assert.Equal(u[i], singleT[i]);
            }
        }
    }

    private static void RunsBackward<V>(int rows, int columns) where V : struct, ILanes<V>
    {
        using var memory = new Floats(4);
        const int count = 5;
        float* p = memory.Uniform(count * rows), q = memory.Uniform(count * columns);
        float* x = memory.Uniform(2 * count * rows), y = memory.Uniform(2 * count * columns);
        float* bar = memory.Uniform(rows * columns), end = memory.Uniform(rows * columns), start = memory.Uniform(rows * columns);
        var before = memory.Copy(bar, rows * columns);
        float[] keeps = [0.9f, 0.5f, 0, 1.1f, 0.7f], rates = [0.1f, -0.3f, 0.2f, 0, 1];
        PairSeries[] updates = [new(new VectorSeries(p, rows), new VectorSeries(q, columns))];
        PairSeries[] gradients =
        [
            new(new VectorSeries(x, rows), new VectorSeries(y, columns)),
            new(new VectorSeries(x + count * rows, rows), new VectorSeries(y + count * columns, columns)),
        ];
        V.Run(new ChunkBackward
        {
            AlphaBar = bar,
            From = end,
            To = start,
            Stride = columns,
            Rows = rows,
            Count = count,
            Keeps = keeps,
            Rates = rates,
            Updates = updates,
            Gradients = gradients,
        });
        for (var at = 0; at < rows * columns; at++)
        {
            int i = at / columns, j = at % columns;
            double f = end[at], sum = before[at];
            for (var t = count - 1; t >= 0; t--)
            {
                sum += rates[t] * p[t * rows + i] * (double)q[t * columns + j] * f;
                f = keeps[t] * f + (double)x[t * rows + i] * y[t * columns + j]
                    + (double)x[(count + t) * rows + i] * y[(count + t) * columns + j];
            }
            Near(sum, bar[at]);
            Near(f, start[at]);
        }
    }

    private static double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);

    // Sums of up to 512 products below 1.
    private static void Near(double expected, float found) => Assert.InRange(found, expected - 2e-4, expected + 2e-4);
}
