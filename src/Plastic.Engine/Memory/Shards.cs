using System.Numerics;

namespace Plastic.Engine;

/// <summary>
/// The batch cut into fixed shards of whole groups. Each shard adds up its own gradient in the order of its samples, and
/// the shards are added up in their order, element by element: no bit depends on which thread, or which rank, ran what.
/// </summary>
internal sealed unsafe class Shards : IDisposable
{
    private const int Few = 16;

    // What a thread adds up at a time, and what is passed on from rank to rank: 64 kB.
    private const int RangeFloats = 4096, BlockFloats = 4 * RangeFloats;

    private readonly Plan plan;
    private readonly Team team;
    private readonly AlignedBuffer bars;
    private readonly AlignedBuffer? before;
    private readonly long shardSize;
    private readonly Action<int, int> sumRange;
    private long blockStart;

    /// <param name="plan">What is run.</param>
    /// <param name="team">The ranks that share the work: each has gradients for the shards of its part alone.</param>
    public Shards(Plan plan, Team team)
    {
        (this.plan, this.team) = (plan, team);
        (Count, Size) = Cut(plan);
        Own = team.Part(Count);
        shardSize = SizeOf(plan);
        // A rank without a shard has room for the sum.
        bars = new AlignedBuffer(shardSize * Math.Max(1, Own.Count));
        if (Own is { First: > 0, Count: > 0 }) before = new AlignedBuffer(BlockFloats);
        sumRange = SumRange;
    }

    /// <summary>Floats in all, where there is one rank; several have their parts of it.</summary>
    public static long Floats(Plan plan) => SizeOf(plan) * Cut(plan).Count;

    /// <summary>Bytes allotted.</summary>
    public long Bytes => bars.Bytes + (before?.Bytes ?? 0);

    /// <summary>Shards of a batch.</summary>
    public int Count { get; }

    /// <summary>The shards of this rank.</summary>
    public (int First, int Count) Own { get; }

    /// <summary>Samples in a shard; the last may have fewer.</summary>
    public int Size { get; }

    /// <summary>Where a shard of this rank adds up its gradient.</summary>
    public ShardGradients Gradients(int shard) => At(shard - Own.First);

    public void Clear(int shard) =>
        new Span<float>(bars.Pointer + (shard - Own.First) * shardSize, checked((int)shardSize)).Clear();

    /// <summary>
    /// Adds up all shards. A rank adds its own, in order, to what the ranks before it have added up, and passes that on, block by block;
    /// the last one that has shards brings the sum to all.
    /// </summary>
    public void Sum(Crew crew)
    {
        var (first, count) = Own;
        var block = count == Count ? shardSize : BlockFloats;
        for (blockStart = 0; count > 0 && blockStart < shardSize; blockStart += block)
        {
            var length = Math.Min(block, shardSize - blockStart);
            if (before is not null) team.TakeOver(new Span<float>(before.Pointer, (int)length));
            crew.Run(checked((int)((length + RangeFloats - 1) / RangeFloats)), sumRange);
            if (first + count < Count) team.SendOn(new ReadOnlySpan<float>(bars.Pointer + blockStart, (int)length));
        }
        for (long at = 0; at < shardSize; at += int.MaxValue)
        {
            team.Broadcast(new Span<float>(bars.Pointer + at, (int)Math.Min(int.MaxValue, shardSize - at)), Math.Min(team.Count, Count) - 1);
        }
    }

    /// <summary>Where the sum is.</summary>
    public ShardGradients Total => At(0);

    private ShardGradients At(int index)
    {
        var start = bars.Pointer + index * shardSize;
        return new ShardGradients
        {
            WeightBars = start,
            AlphaBars = start + plan.MatrixSize,
            VectorBars = start + 2L * plan.MatrixSize,
        };
    }

    /// <summary>Adds up the shards of this rank in one range of a block, in the first of them.</summary>
    private void SumRange(int worker, int range)
    {
        var at = blockStart + range * (long)RangeFloats;
        var end = Math.Min(shardSize, at + RangeFloats);
        var first = bars.Pointer;
        // By the same index as the shards.
        var earlier = before is null ? null : before.Pointer - blockStart;
        for (; at + Vector<float>.Count <= end; at += Vector<float>.Count)
        {
            var sum = Vector.Load(first + at);
            if (earlier != null) sum = Vector.Load(earlier + at) + sum;
            for (var shard = 1; shard < Own.Count; shard++)
            {
                sum += Vector.Load(first + shard * shardSize + at);
            }
            sum.Store(first + at);
        }
        for (; at < end; at++)
        {
            if (earlier != null) first[at] = earlier[at] + first[at];
            for (var shard = 1; shard < Own.Count; shard++)
            {
                first[at] += first[shard * shardSize + at];
            }
        }
    }

    public void Dispose()
    {
        bars.Dispose();
        before?.Dispose();
    }

    private static long SizeOf(Plan plan) => 2L * plan.MatrixSize + plan.VectorGradientSize;

    /// <summary>
    /// At most sixteen shards in a batch of up to 64 episodes, and twice the root of the batch beyond: 32 at 256, 64 at 1,024. Then the work of
    /// a shard grows with its gradient's share of memory and of the sum, and more threads and ranks are of use.
    /// </summary>
    private static (int Count, int Size) Cut(Plan plan)
    {
        var batch = plan.Program.Batch;
        var groups = (batch + plan.Group - 1) / plan.Group;
        var most = Math.Min(Math.Max(Few, (int)Math.Sqrt(4.0 * batch)), groups);
        var size = (groups + most - 1) / most * plan.Group;
        return ((batch + size - 1) / size, size);
    }
}
