namespace Plastic.Engine;

/// <summary>
/// The vectors of a sum of outer products Σ p_k ⊗ q_k gathered for a kernel: those along the rows one after the other,
/// those along the columns interleaved vector by vector, so that one pointer and constant offsets reach them all.
/// </summary>
internal readonly unsafe struct Panels(float* rows, int rowStep, float* columns)
{
    /// <summary>Steps whose updates a kernel applies to stored fast weights at once, and at most that many.</summary>
    public const int Depth = 4;

    // What stands where in a panel.
    public const int History = 0, Joins = Depth, Second = 2 * Depth, P = 3 * Depth, Rated = P + 1, RowSlots = Rated + 1;
    public const int Q = 3 * Depth, V = Q + 1, ColumnSlots = V + 1;

    /// <summary>Floats from one vector's columns to the next.</summary>
    public const int Width = ColumnSlots * Lanes.Count;

    /// <summary>The first row vector; the next is <see cref="RowStep"/> floats on.</summary>
    public readonly float* Rows = rows;

    public readonly int RowStep = rowStep;

    public readonly float* Columns = columns;

    public float* Row(int slot) => Rows + slot * RowStep;

    /// <summary>Where a column vector's first lanes are; the next follow at <see cref="Width"/>.</summary>
    public float* Column(int slot) => Columns + slot * Lanes.Count;
}
