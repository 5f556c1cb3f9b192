namespace Plastic.Engine;

/// <summary>
/// The batch cut into fixed shards of whole groups. Each shard gathers its own gradient in the order of its samples, and
/// the shards are added up in their order, element by element: which thread ran what leaves no trace.
/// </summary>
internal sealed unsafe class Shards : IDisposable
{
    private const int Most = 16;

    private readonly Plan plan;
    private readonly AlignedBuffer bars;
    private readonly long shardSize;

    public Shards(Plan plan)
    {
        this.plan = plan;
        var batch = plan.Program.Batch;
        var groups = (batch + plan.Group - 1) / plan.Group;
        Count = Math.Min(Most, groups);
        Size = (groups + Count - 1) / Count * plan.Group;
        Count = (batch + Size - 1) / Size;
        shardSize = 2L * plan.MatrixSize + plan.VectorGradientSize;
        bars = new AlignedBuffer(shardSize * Count);
    }

    public int Count { get; }

    /// <summary>Samples in a shard; the last may have fewer.</summary>
    public int Size { get; }

    public ShardMemory Memory(int shard)
    {
        var start = bars.Pointer + shard * shardSize;
        return new ShardMemory
        {
            WeightBars = start,
            AlphaBars = start + plan.MatrixSize,
            VectorBars = start + 2L * plan.MatrixSize,
        };
    }

    public void Clear(int shard) =>
        new Span<float>(bars.Pointer + shard * shardSize, checked((int)shardSize)).Clear();

    /// <summary>Rows first .. last − 1 of the sum over shards of a matrix at <paramref name="offset"/> within a shard.</summary>
    public void Sum(float[] to, long offset, int stride, int columns, int firstRow, int lastRow)
    {
        for (var i = firstRow; i < lastRow; i++)
        {
            var row = to.AsSpan(i * columns, columns);
            new ReadOnlySpan<float>(bars.Pointer + offset + (long)i * stride, columns).CopyTo(row);
            for (var shard = 1; shard < Count; shard++)
            {
                var share = bars.Pointer + shard * shardSize + offset + (long)i * stride;
                for (var j = 0; j < row.Length; j++)
                {
                    row[j] += share[j];
                }
            }
        }
    }

    public void Dispose() => bars.Dispose();
}
