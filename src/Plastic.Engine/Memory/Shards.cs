using System.Numerics;

namespace Plastic.Engine;

/// <summary>
/// The batch cut into fixed shards of whole groups. Each shard adds up its own gradient in the order of its samples, and
/// the shards are added up in their order, element by element: no bit depends on which thread ran what.
/// </summary>
internal sealed unsafe class Shards : IDisposable
{
    private const int Most = 16;
    private const int RangeFloats = 4096;

    private readonly Plan plan;
    private readonly AlignedBuffer bars;
    private readonly long shardSize;
    private readonly int ranges;
    private readonly Action<int, int> sumRange;

    public Shards(Plan plan)
    {
        this.plan = plan;
        (Count, Size) = Cut(plan);
        shardSize = SizeOf(plan);
        bars = new AlignedBuffer(Floats(plan));
        ranges = checked((int)((shardSize + RangeFloats - 1) / RangeFloats));
        sumRange = SumRange;
    }

    /// <summary>Floats in all.</summary>
    public static long Floats(Plan plan) => SizeOf(plan) * Cut(plan).Count;

    /// <summary>Bytes allotted.</summary>
    public long Bytes => bars.Bytes;

    public int Count { get; }

    /// <summary>Samples in a shard; the last may have fewer.</summary>
    public int Size { get; }

    public ShardGradients Gradients(int shard)
    {
        var start = bars.Pointer + shard * shardSize;
        return new ShardGradients
        {
            WeightBars = start,
            AlphaBars = start + plan.MatrixSize,
            VectorBars = start + 2L * plan.MatrixSize,
        };
    }

    public void Clear(int shard) =>
        new Span<float>(bars.Pointer + shard * shardSize, checked((int)shardSize)).Clear();

    /// <summary>Adds up all shards, in the first.</summary>
    public void Sum(Crew crew) => crew.Run(ranges, sumRange);

    /// <summary>Where the sum is.</summary>
    public ShardGradients Total => Gradients(0);

    private void SumRange(int worker, int range)
    {
        var at = range * (long)RangeFloats;
        var end = Math.Min(shardSize, at + RangeFloats);
        var first = bars.Pointer;
        for (; at + Vector<float>.Count <= end; at += Vector<float>.Count)
        {
            var sum = Vector.Load(first + at);
            for (var shard = 1; shard < Count; shard++)
            {
                sum += Vector.Load(first + shard * shardSize + at);
            }
            sum.Store(first + at);
        }
        for (; at < end; at++)
        {
            for (var shard = 1; shard < Count; shard++)
            {
                first[at] += first[shard * shardSize + at];
            }
        }
    }

    public void Dispose() => bars.Dispose();

    private static long SizeOf(Plan plan) => 2L * plan.MatrixSize + plan.VectorGradientSize;

    private static (int Count, int Size) Cut(Plan plan)
    {
        var batch = plan.Program.Batch;
        var groups = (batch + plan.Group - 1) / plan.Group;
        var most = Math.Min(Most, groups);
        var size = (groups + most - 1) / most * plan.Group;
        return ((batch + size - 1) / size, size);
    }
}
