namespace Plastic.Engine;

/// <summary>
/// Which slots hold the checkpoints: the F stored where a chunk starts. Checkpoint 0 is zero and takes no slot. When all of them would
/// outgrow the bound, one in <see cref="Interval"/> is kept to the end of the forward pass, and the backward pass computes those
/// between again, segment by segment (Griewank's scheme with two levels).
/// </summary>
internal readonly struct CheckpointHistory
{
    private readonly int last, length;

    /// <summary>For a backward pass.</summary>
    /// <param name="chunks">The episode's chunks.</param>
    /// <param name="size">Floats of one checkpoint.</param>
    /// <param name="bound">Floats that they may take together; if no interval meets it, the smallest history is taken.</param>
    public CheckpointHistory(Chunks chunks, long size, long bound)
    {
        (last, length) = (chunks.Count - 1, chunks.Length);
        Interval = 1;
        for (var interval = 2; interval <= last && Floats(Interval, size) > bound; interval++)
        {
            if (Count(interval) < Count(Interval))
            {
                Interval = interval;
            }
        }
        Slots = Count(Interval);
        FloatsLeft = bound - Floats(Interval, size);
    }

    private CheckpointHistory(Chunks chunks)
    {
        (last, length) = (chunks.Count - 1, chunks.Length);
        Slots = Math.Min(last, 1);
    }

    /// <summary>Checkpoints from one that is kept to the next; 0 when only the newest is kept.</summary>
    public int Interval { get; }

    /// <summary>How many checkpoints there is room for.</summary>
    public int Slots { get; }

    /// <summary>Floats that they leave of the bound.</summary>
    public long FloatsLeft { get; }

    /// <summary>For a forward pass alone.</summary>
    public static CheckpointHistory Newest(Chunks chunks) => new(chunks);

    /// <summary>The slot of checkpoint k ≥ 1.</summary>
    public int Slot(int k) => Interval == 0 ? 0 : k % Interval == 0 ? k / Interval - 1 : last / Interval + k % Interval - 1;

    /// <summary>Whether the checkpoints before step t are to be computed again, from the kept one before them.</summary>
    public bool EndsSegment(int t) => Interval > 1 && t > 0 && t % (length * Interval) == 0;

    private int Count(int interval) => last / interval + interval - 1;

    private long Floats(int interval, long size) => Count(interval) * size;
}
