using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>One update of a dense synapse and what is to be taken back through it, as the engine keeps it and as the oracle reads it.</summary>
internal sealed unsafe class DenseCase : IDisposable
{
    private const float Rate = 0.7f, EligibilityKeep = 0.9f, EligibilityRate = -0.4f, Bound = 0.5f;

    private readonly Floats floats;
    private readonly MatrixLayout layout;
    private readonly int rows, columns;
    private readonly bool isOnTrace, isEligible, isBounded, areSeveral;
    private readonly float* alpha, trace, eligibility, traceBar, eligibilityBar, alphaBar, keep;
    private readonly VectorSeries p, q, x, y;

    public DenseCase(int rows, int columns, bool isOnTrace, bool isEligible, bool isBounded, bool areSeveral)
    {
        (this.rows, this.columns) = (rows, columns);
        (this.isOnTrace, this.isEligible, this.isBounded, this.areSeveral) = (isOnTrace, isEligible, isBounded, areSeveral);
        floats = new Floats(rows + columns);
        layout = new MatrixLayout(rows, columns, mayTranspose: false);
        alpha = Matrix();
        trace = Matrix();
        eligibility = Matrix();
        traceBar = Matrix();
        eligibilityBar = Matrix();
        alphaBar = Matrix();
        keep = floats.Vectors(1, columns, layout.Stride)[0];
        (p, q) = (floats.Vectors(Pairs, rows, layout.PaddedRows), floats.Vectors(Pairs, columns, layout.Stride));
        (x, y) = (floats.Vectors(Gradients, rows, layout.PaddedRows), floats.Vectors(Gradients, columns, layout.Stride));
    }

    private int Pairs => areSeveral ? 3 : 1;

    private int Gradients => areSeveral ? 2 : 1;

    private float Limit => isBounded ? Bound : float.PositiveInfinity;

    /// <summary>The state after the update, the cotangents before it, and the sums of its operands' cotangents.</summary>
    public float[][] Run<V>() where V : struct, ILanes<V>
    {
        float* after = floats.Zeros(layout.Size), eligibilityAfter = floats.Zeros(layout.Size);
        float* lanes = floats.Uniform(Pairs * layout.Rows * Lanes.Count), columnSums = floats.Uniform(Pairs * layout.Stride);
        float* keepSums = floats.Uniform(layout.Stride), rateSums = floats.Uniform(layout.Stride), keepSumsE = floats.Uniform(layout.Stride);
        Span<nint> ps = stackalloc nint[Pairs], qs = stackalloc nint[Pairs], xs = stackalloc nint[Gradients], ys = stackalloc nint[Gradients];
        for (var k = 0; k < Pairs; k++) (ps[k], qs[k]) = ((nint)p[k], (nint)q[k]);
        for (var k = 0; k < Gradients; k++) (xs[k], ys[k]) = ((nint)x[k], (nint)y[k]);
        var update = new DenseUpdate
        {
            Stride = layout.Stride,
            Rows = layout.Rows,
            Alpha = alpha,
            Keep = keep,
            Rate = Rate,
            Bound = Limit,
            EligibilityKeep = EligibilityKeep,
            EligibilityRate = EligibilityRate,
            P = ps,
            Q = qs,
            Before = new DenseState { Trace = trace, Eligibility = eligibility },
            After = new DenseState { Trace = after, Eligibility = eligibilityAfter },
        };
        var kernels = DenseKernels<V>.Of(isOnTrace, isEligible, isBounded, areSeveral);
        kernels.Advance(update);
        kernels.AdvanceBackward(update, new DenseBars
        {
            X = xs,
            Y = ys,
            Trace = traceBar,
            Eligibility = eligibilityBar,
            Alpha = alphaBar,
            RowLanes = lanes,
            ColumnSums = columnSums,
            LaneStride = layout.Rows * Lanes.Count,
            SumStride = layout.Stride,
            KeepSums = keepSums,
            RateSums = rateSums,
            EligibilityKeepSums = keepSumsE,
        });
        var found = new List<float[]> { Elements(after), Elements(traceBar), Elements(alphaBar), Vector(keepSums, columns) };
        for (var k = 0; k < Pairs; k++)
        {
            var rowSums = floats.Zeros(layout.PaddedRows);
            DenseSums<V>.AddLanes(lanes + k * layout.Rows * Lanes.Count, layout.Rows, rowSums);
            found.Add(Vector(rowSums, rows));
            found.Add(Vector(columnSums + k * layout.Stride, columns));
        }
        if (isEligible)
        {
            found.AddRange([
                Elements(eligibilityAfter), Elements(eligibilityBar), [Elementwise<V>.Sum(rateSums, layout.Stride)],
                [Elementwise<V>.Sum(keepSumsE, layout.Stride)]]);
        }
        return [.. found];
    }

    /// <summary>The same from the oracle, before anything has run in place: p̄ before its rate, as the kernel leaves it.</summary>
    public double[][] Expected()
    {
        using var untouched = new DenseCase(rows, columns, isOnTrace, isEligible, isBounded, areSeveral);
        var oracle = untouched.Oracle();
        var bars = oracle.Backward();
        var pairRate = isEligible ? EligibilityRate : Rate;
        var expected = new List<double[]> { Flat(oracle.TraceAfter), Flat(bars.Trace), Flat(bars.Alpha), bars.Keep };
        foreach (var (pBar, qBar) in bars.Pairs)
        {
            expected.Add(Array.ConvertAll(pBar, element => element / pairRate));
            expected.Add(qBar);
        }
        if (isEligible)
        {
            expected.AddRange([Flat(oracle.EligibilityAfter), Flat(bars.Eligibility), [bars.Rate], [bars.EligibilityKeep]]);
        }
        return [.. expected];
    }

    public void Dispose() => floats.Dispose();

    private DenseOracle Oracle() => new()
    {
        IsOnTrace = isOnTrace,
        IsEligible = isEligible,
        Alpha = Wide(alpha),
        Trace = Wide(trace),
        Eligibility = Wide(eligibility),
        Keep = Wide(keep, columns),
        Rate = Rate,
        EligibilityKeep = EligibilityKeep,
        EligibilityRate = EligibilityRate,
        Bound = Limit,
        Pairs = Wide(p, q, Pairs),
        Gradient = Wide(x, y, Gradients),
        TraceBar = Wide(traceBar),
        EligibilityBar = Wide(eligibilityBar),
        AlphaBar = Wide(alphaBar),
    };

    private float* Matrix()
    {
        var matrix = floats.Zeros(layout.Size);
        for (var k = 0; k < rows * columns; k++) matrix[layout.At(k / columns, k % columns)] = floats.Next();
        return matrix;
    }

    private float[] Elements(float* matrix) =>
        [.. Enumerable.Range(0, rows * columns).Select(k => matrix[layout.At(k / columns, k % columns)])];

    private double[,] Wide(float* matrix)
    {
        var wide = new double[rows, columns];
        for (var k = 0; k < rows * columns; k++) wide[k / columns, k % columns] = matrix[layout.At(k / columns, k % columns)];
        return wide;
    }

    private (double[], double[])[] Wide(VectorSeries first, VectorSeries second, int count) =>
        [.. Enumerable.Range(0, count).Select(k => (Wide(first[k], rows), Wide(second[k], columns)))];

    private static double[] Wide(float* vector, int length) => Array.ConvertAll(Vector(vector, length), element => (double)element);

    private static float[] Vector(float* vector, int length) => new ReadOnlySpan<float>(vector, length).ToArray();

    private static double[] Flat(double[,] matrix) => [.. matrix.Cast<double>()];
}
