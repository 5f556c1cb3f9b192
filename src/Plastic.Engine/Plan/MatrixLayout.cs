namespace Plastic.Engine;

/// <summary>
/// How the matrices of one synapse, W, α and F of shape [n, m], lie in memory: in rows of <see cref="Stride"/> floats, a whole number
/// of vectors, and in <see cref="Rows"/> rows, a multiple of four. What is beyond [n, m] is zero and stays so.
/// </summary>
internal sealed record MatrixLayout
{
    /// <param name="inputs">n.</param>
    /// <param name="outputs">m.</param>
    /// <param name="mayTranspose">Whether rows and columns may be exchanged; not where the columns have values of keep of their own.</param>
    public MatrixLayout(int inputs, int outputs, bool mayTranspose)
    {
        (Inputs, Outputs) = (inputs, outputs);
        IsTransposed = mayTranspose && Area(outputs, inputs) < Area(inputs, outputs);
        Rows = WholeFours(IsTransposed ? outputs : inputs);
        Stride = Lanes.Padded(IsTransposed ? inputs : outputs);
    }

    /// <summary>n, the units before the synapse.</summary>
    public int Inputs { get; }

    /// <summary>m, the units after it.</summary>
    public int Outputs { get; }

    /// <summary>
    /// Whether it is stored with rows and columns exchanged, because that takes less padding: a product is then the transposed product
    /// of what is stored, and every pair p ⊗ q is q ⊗ p.
    /// </summary>
    public bool IsTransposed { get; }

    /// <summary>Rows as stored, a multiple of four.</summary>
    public int Rows { get; }

    /// <summary>Floats of a row.</summary>
    public int Stride { get; }

    /// <summary>Rows, as the padded elements of a vector.</summary>
    public int PaddedRows => Lanes.Padded(Rows);

    /// <summary>Floats of a matrix.</summary>
    public int Size => Rows * Stride;

    /// <summary>Floats of the transposed matrix in panels, [Stride, PaddedRows].</summary>
    public int TransposedSize => Stride * PaddedRows;

    /// <summary>Elements that go into a product with the matrix, or with its transpose, and elements that come out.</summary>
    public (int Inner, int Width) Product(bool isTransposed) => isTransposed ? (Stride, PaddedRows) : (Rows, Stride);

    /// <summary>The vectors of a pair p ⊗ q in the order of the rows and columns as stored.</summary>
    public (T P, T Q) Pair<T>(T p, T q) => IsTransposed ? (q, p) : (p, q);

    /// <summary>Where element (i, j) of [n, m] is, from the matrix's start.</summary>
    public long At(int i, int j) => IsTransposed ? (long)j * Stride + i : (long)i * Stride + j;

    private static long Area(int rows, int columns) => (long)WholeFours(rows) * Lanes.Padded(columns);

    private static int WholeFours(int rows) => (rows + 3) / 4 * 4;
}
