using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>A chunk of a group of samples as the engine keeps it, and as the oracle reads it.</summary>
internal sealed unsafe class FactoredChunk : IDisposable
{
    private readonly Floats floats;

    public FactoredChunk(ChunkCase size)
    {
        Size = size;
        floats = new Floats(size.Seed);
        Layout = new MatrixLayout(size.Rows, size.Columns, mayTranspose: false);
        var columns = FactoredPlan.Columns(size.Group, size.Steps, size.Pairs);
        Alpha = Matrix();
        AlphaPanels = floats.Zeros(Layout.Size);
        TransposedPanels = floats.Zeros(Layout.TransposedSize);
        Panels.Cut(Alpha, Layout.Rows, Layout.Stride, AlphaPanels);
        Panels.CutTransposed(Alpha, Layout.Rows, Layout.Stride, TransposedPanels);
        P = floats.Zeros(columns * Layout.PaddedRows);
        Q = floats.Zeros(columns * Layout.Stride);
        PTiles = floats.Zeros(columns * Layout.Rows);
        QTiles = floats.Zeros(columns * Layout.Stride);
        K = floats.Zeros(columns);
        Keep = [.. Samples(() => Scalars(0.5f, 1.1f))];
        Rate = [.. Samples(() => Scalars(-0.5f, 0.5f))];
        Start = [.. Samples(() => (nint)Matrix())];
        End = [.. Samples(() => (nint)Matrix())];
        Updates = [.. Samples(() => Pairs(size.Pairs))];
        Gradients = [.. Samples(() => Pairs(size.Gradients))];
        for (var r = 0; r < size.Steps * size.Pairs; r++)
        {
            var column = r * size.Group;
            for (var g = 0; g < size.Count; g++)
            {
                var pair = Updates[g][r % size.Pairs];
                Copy(pair.P[r / size.Pairs], P + (column + g) * Layout.PaddedRows, Layout.PaddedRows);
                Copy(pair.Q[r / size.Pairs], Q + (column + g) * Layout.Stride, Layout.Stride);
            }
            Panels.Interleave(PTiles, column, new VectorSeries(P + column * Layout.PaddedRows, Layout.PaddedRows), size.Count, Layout.Rows);
            Panels.Interleave(QTiles, column, new VectorSeries(Q + column * Layout.Stride, Layout.Stride), size.Count, Layout.Stride);
        }
        Oracles = [.. Enumerable.Range(0, size.Count).Select(Oracle)];
    }

    public ChunkCase Size { get; }

    public MatrixLayout Layout { get; }

    /// <summary>α as it is, and in panels.</summary>
    public float* Alpha { get; }

    public float* AlphaPanels { get; }

    public float* TransposedPanels { get; }

    /// <summary>The pairs of all samples, as vectors and in tiles, and room for their coefficients.</summary>
    public float* P { get; }

    public float* Q { get; }

    public float* PTiles { get; }

    public float* QTiles { get; }

    public float* K { get; }

    /// <summary>Of each sample: keep and rate of each step, F at the start, F̄ at the end.</summary>
    public VectorSeries[] Keep { get; }

    public VectorSeries[] Rate { get; }

    public nint[] Start { get; }

    public nint[] End { get; }

    /// <summary>Of each sample: the pairs of its updates, and those that its steps add to F̄.</summary>
    public PairSeries[][] Updates { get; }

    public PairSeries[][] Gradients { get; }

    public ChunkOracle[] Oracles { get; }

    /// <summary>Columns from one pair of a sample to the same pair of the next step.</summary>
    public int Stride => Size.Pairs * Size.Group;

    public Floats Floats => floats;

    /// <summary>F at the start of a sample; null where it is zero.</summary>
    public float* StartOf(int g) => Size.HasStart ? (float*)Start[g] : null;

    /// <summary>One pair of a sample, step after step, of vectors of so many floats.</summary>
    public VectorSeries Column(float* vectors, int pair, int g, int length) =>
        new(vectors + (pair * Size.Group + g) * length, Stride * length);

    /// <summary>The products with α of an operand of every sample times every pair before step t: z, or w if transposed.</summary>
    public float* Products<V>(bool isTransposed, VectorSeries operand, int t) where V : struct, ILanes<V>
    {
        var (inner, width) = Layout.Product(isTransposed);
        float* tile = floats.Zeros(Panels.Columns * inner), tiles = isTransposed ? QTiles : PTiles;
        for (var column = 0; column < Panels.Columns; column += Size.Group) Panels.Interleave(tile, column, operand, Size.Count, inner);
        var count = Panels.Tiles(t * Stride);
        float* scaled = floats.Zeros(count * Panels.Columns * inner), to = floats.Zeros(count * Panels.Columns * width);
        FactoredProducts<V>.Multiply(isTransposed ? TransposedPanels : AlphaPanels, inner, width, tiles, tile, scaled, count, to);
        return to;
    }

    /// <summary>The gradient's pairs of sample g at step t, as the oracle reads them.</summary>
    public (double[] P, double[] Q)[] GradientOf(int g, int t) => Array.ConvertAll(Gradients[g], pair => Wide(pair, t));

    public double[,] Wide(float* matrix)
    {
        var wide = new double[Size.Rows, Size.Columns];
        for (var i = 0; i < Size.Rows; i++)
        {
            for (var j = 0; j < Size.Columns; j++) wide[i, j] = matrix[Layout.At(i, j)];
        }
        return wide;
    }

    public float* Matrix()
    {
        var matrix = floats.Zeros(Layout.Size);
        for (var i = 0; i < Size.Rows; i++)
        {
            for (var j = 0; j < Size.Columns; j++) matrix[Layout.At(i, j)] = floats.Next();
        }
        return matrix;
    }

    public void Dispose() => floats.Dispose();

    private ChunkOracle Oracle(int g) => new()
    {
        Alpha = Wide(Alpha),
        Start = Size.HasStart ? Wide((float*)Start[g]) : new double[Size.Rows, Size.Columns],
        Keep = [.. Enumerable.Range(0, Size.Steps).Select(u => (double)*Keep[g][u])],
        Rate = [.. Enumerable.Range(0, Size.Steps).Select(u => (double)*Rate[g][u])],
        Pairs = [.. Enumerable.Range(0, Size.Steps).Select(u => Array.ConvertAll(Updates[g], pair => Wide(pair, u)))],
    };

    private (double[] P, double[] Q) Wide(PairSeries pair, int u) => (Wide(pair.P[u], Size.Rows), Wide(pair.Q[u], Size.Columns));

    private static double[] Wide(float* vector, int length) => [.. new ReadOnlySpan<float>(vector, length).ToArray().Select(x => (double)x)];

    private PairSeries[] Pairs(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new PairSeries(
            floats.Vectors(Size.Steps, Size.Rows, Layout.PaddedRows, Size.HasRests ? 0.6 : 0),
            floats.Vectors(Size.Steps, Size.Columns, Layout.Stride)))];

    private VectorSeries Scalars(float low, float high)
    {
        var scalars = floats.Vectors(Size.Steps, 1, Lanes.Count);
        for (var u = 0; u < Size.Steps; u++) *scalars[u] = low + (high - low) * (*scalars[u] + 1) / 2;
        return scalars;
    }

    private IEnumerable<T> Samples<T>(Func<T> make) => Enumerable.Range(0, Size.Count).Select(_ => make());

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
}
